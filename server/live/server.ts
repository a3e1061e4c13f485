/** The live channel: socket.io, namespace `/runs`. */
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { FrameInfo } from "@distillery/shared/protocol/events";
import {
  type ClientToServer,
  RUNS_NAMESPACE,
  type ServerToClient,
  subscribeSchema,
  tapSchema,
  unsubscribeSchema,
  untapSchema,
} from "@distillery/shared/protocol/socket";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import type { z } from "zod";
import { type Access, isHostAllowed, isOriginAllowed, isToken, tokenOf } from "../http/security";
import type { RunManager } from "../runs/manager";
import { type Connection, Outbox } from "./outbox";
import { TapTable } from "./taps";

const MAX_CONNECTIONS_PER_ADDRESS = 100;
const MAX_RUNS_PER_VIEWER = 64;
/** Raw values up to this size are sent along with the picture, where a view draws them; others are asked for by `seq`. */
const VALUE_BYTES = 64 * 1024;
const isDrawn = ({ shape, tap }: FrameInfo): boolean => tap === true || shape.length === 2;
/** Messages from viewers are small. */
const MESSAGE_BYTES = 64 * 1024;

type RunSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, unknown>;
type LiveServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, unknown>;

export interface Live {
  close(): Promise<void>;
  /** Connected viewers. */
  viewers(): number;
}

export function createLive(http: HttpServer, runs: RunManager, access: Access): Live {
  const io: LiveServer = new Server(http, {
    serveClient: false,
    allowRequest: (request, decide) => {
      const refusal = refuse(access, request);
      decide(refusal ?? null, refusal === undefined);
    },
    maxHttpBufferSize: MESSAGE_BYTES,
    connectTimeout: 8_000,
    pingInterval: 10_000,
    pingTimeout: 20_000,
    perMessageDeflate: false,
  });
  limitConnections(io);
  const namespace = io.of(RUNS_NAMESPACE);
  const outboxes = new Map<string, Outbox>();
  const taps = new TapTable();

  namespace.use((socket, next) => {
    const offered: unknown = socket.handshake.auth.token;
    const token = typeof offered === "string" ? offered : tokenOf(socket.handshake.headers);
    next(isToken(access, token) ? undefined : new Error("This server needs its access token."));
  });

  namespace.on("connection", (socket) => {
    const outbox = new Outbox(connectionOf(socket), (runId, after, limit) => runs.log.read(runId, after, limit));
    outboxes.set(socket.id, outbox);
    const pump = () => outbox.pump();
    const stopWatching = onReady(socket, pump);

    handle(socket, "subscribe", subscribeSchema, ({ runId, after }) => {
      const run = runs.get(runId);
      if (run === undefined) throw new Error(`There is no run ${runId}.`);
      if (!outbox.follows(runId) && outbox.runs.size >= MAX_RUNS_PER_VIEWER)
        throw new Error(`At most ${MAX_RUNS_PER_VIEWER} runs can be followed at once.`);
      outbox.subscribe(runId, after);
      // After the answer, so that a viewer knows of its subscription before the first event.
      setImmediate(pump);
      return { seq: run.lastSeq, status: run.status };
    });
    handle(socket, "unsubscribe", unsubscribeSchema, ({ runId }) => {
      outbox.unsubscribe(runId);
      for (const changed of taps.leave(socket.id, runId)) runs.setTaps(changed, taps.of(changed));
      return { ok: true };
    });
    handle(socket, "tap", tapSchema, ({ runId, ...tap }) => {
      if (runs.get(runId) === undefined) throw new Error(`There is no run ${runId}.`);
      taps.add(runId, socket.id, tap);
      runs.setTaps(runId, taps.of(runId));
      return { ok: true };
    });
    handle(socket, "untap", untapSchema, ({ runId, node, socket: name }) => {
      taps.remove(runId, socket.id, node, name);
      runs.setTaps(runId, taps.of(runId));
      return { ok: true };
    });
    socket.on("disconnect", () => {
      outboxes.delete(socket.id);
      stopWatching();
      for (const changed of taps.leave(socket.id)) runs.setTaps(changed, taps.of(changed));
    });
  });

  const stop = runs.log.listen({
    appended: (runId) => {
      for (const outbox of outboxes.values()) if (outbox.follows(runId)) outbox.pump();
    },
    frame: (runId, seq, info, { image, values }) => {
      const frame = {
        header: { ...info, runId, seq },
        image,
        values: isDrawn(info) && values.byteLength <= VALUE_BYTES ? values : null,
      };
      for (const outbox of outboxes.values()) {
        if (!outbox.follows(runId)) continue;
        outbox.addFrame(frame);
        outbox.pump();
      }
    },
  });

  return {
    viewers: () => outboxes.size,
    close: async () => {
      stop();
      await io.close();
    },
  };
}

function refuse(access: Access, request: IncomingMessage): string | undefined {
  if (!isHostAllowed(access, request.headers.host)) return "This server does not answer to that host name.";
  if (!isOriginAllowed(access, request.headers)) return "Sockets from other web pages are refused.";
  return undefined;
}

/** Counts raw connections, which cost memory before anybody logged in. */
function limitConnections(io: LiveServer): void {
  const counts = new Map<string, number>();
  io.engine.on(
    "connection",
    (connection: { remoteAddress: string; close(): void; on(event: "close", listener: () => void): void }) => {
      const address = connection.remoteAddress;
      const count = (counts.get(address) ?? 0) + 1;
      counts.set(address, count);
      connection.on("close", () => {
        const left = (counts.get(address) ?? 1) - 1;
        if (left > 0) counts.set(address, left);
        else counts.delete(address);
      });
      if (count > MAX_CONNECTIONS_PER_ADDRESS) connection.close();
    },
  );
}

function connectionOf(socket: RunSocket): Connection {
  return {
    // The transport is writable again when the operating system took the last message.
    isClear: () => socket.connected && socket.conn.transport.writable,
    sendEvents: (runId, events) => {
      const batch = events.map((event) => ({ ...event, runId }));
      socket.emit("events", batch);
    },
    sendFrame: ({ header, image, values }) => {
      socket.emit("frame", header, toArrayBuffer(image), values === null ? null : toArrayBuffer(values));
    },
  };
}

/** Calls `ready` whenever the transport can take more; a polling connection may get another transport on the way. */
function onReady(socket: RunSocket, ready: () => void): () => void {
  let { transport } = socket.conn;
  transport.on("ready", ready);
  const upgrade = () => {
    transport.off("ready", ready);
    transport = socket.conn.transport;
    transport.on("ready", ready);
    ready();
  };
  socket.conn.on("upgrade", upgrade);
  return () => {
    transport.off("ready", ready);
    socket.conn.off("upgrade", upgrade);
  };
}

/** socket.io sends a view's bytes only when it is the whole buffer. */
function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}

/** Nothing a viewer sends may end the server: contents are checked, errors become the answer. */
function handle<S extends z.ZodType>(
  socket: RunSocket,
  event: keyof ClientToServer,
  schema: S,
  work: (message: z.output<S>) => unknown,
): void {
  const listener = (message: unknown, ack: unknown): void => {
    let answer: unknown;
    try {
      const parsed = schema.safeParse(message);
      if (parsed.success) answer = work(parsed.data);
      else
        answer = {
          error: `${event}: ${parsed.error.issues.map(({ path, message: text }) => `${path.join(".")} ${text}`).join("; ")}`,
        };
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    if (typeof ack === "function") ack(answer);
  };
  socket.on(event, listener);
}
