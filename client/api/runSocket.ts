/**
 * The live channel `/runs`. Knows what this client wants to hear (subscriptions, taps) and asks for it again after
 * every reconnect, each subscription from the last event seen, so that nothing is missed or taken twice.
 */
import type { RunEvent } from "@distillery/shared/protocol/events";
import {
  type ClientToServer,
  type FrameHeader,
  RUNS_NAMESPACE,
  type ServerToClient,
} from "@distillery/shared/protocol/socket";
import { io, type Socket } from "socket.io-client";
import { accessToken } from "./accessToken";

/** What this module needs of a socket.io client socket. */
export type LiveSocket = Pick<Socket<ServerToClient, ClientToServer>, "on" | "emit" | "connected" | "disconnect">;

export interface RunListener {
  /** Last event this client has; asked again at every reconnect. */
  lastSeq(): number;
  events(events: RunEvent[]): void;
  frame(header: FrameHeader, image: ArrayBuffer, values: ArrayBuffer | null): void;
  refused(message: string): void;
}

export interface TapRequest {
  runId: string;
  node: string;
  socket: string;
  every: number;
}

export interface RunSocket {
  subscribe(runId: string, listener: RunListener): () => void;
  tap(request: TapRequest): () => void;
  close(): void;
}

export type ConnectionState = "connecting" | "online" | "offline";

/** Opens a socket to this page's own server. */
export const connectToServer = (): LiveSocket =>
  io(RUNS_NAMESPACE, {
    transports: ["websocket"],
    auth: (give) => give({ token: accessToken() ?? undefined }),
    reconnectionDelayMax: 4000,
  });

export function createRunSocket(socket: LiveSocket, onState: (state: ConnectionState) => void): RunSocket {
  const listeners = new Map<string, RunListener>();
  const taps = new Set<TapRequest>();

  const sendSubscribe = (runId: string, listener: RunListener) =>
    socket.emit("subscribe", { runId, after: listener.lastSeq() }, (reply) => {
      if (listeners.get(runId) !== listener) return;
      if ("error" in reply) listener.refused(reply.error);
    });
  const sendTap = (tap: TapRequest) => socket.emit("tap", { ...tap });

  socket.on("connect", () => {
    onState("online");
    for (const [runId, listener] of listeners) sendSubscribe(runId, listener);
    for (const tap of taps) sendTap(tap);
  });
  socket.on("disconnect", () => onState("offline"));
  socket.on("connect_error", () => onState("offline"));
  // A batch is of one run.
  socket.on("events", (batch) => listeners.get(batch[0]?.runId ?? "")?.events(batch));
  socket.on("frame", (header, image, values) => listeners.get(header.runId)?.frame(header, image, values));
  onState(socket.connected ? "online" : "connecting");

  return {
    subscribe(runId, listener) {
      listeners.set(runId, listener);
      if (socket.connected) sendSubscribe(runId, listener);
      return () => {
        if (listeners.get(runId) !== listener) return;
        listeners.delete(runId);
        if (socket.connected) socket.emit("unsubscribe", { runId });
      };
    },
    tap(request) {
      taps.add(request);
      if (socket.connected) sendTap(request);
      return () => {
        if (!taps.delete(request)) return;
        const { runId, node, socket: name } = request;
        const stillWanted = [...taps].some((tap) => tap.runId === runId && tap.node === node && tap.socket === name);
        if (socket.connected && !stillWanted) socket.emit("untap", { runId, node, socket: name });
      };
    },
    close: () => socket.disconnect(),
  };
}
