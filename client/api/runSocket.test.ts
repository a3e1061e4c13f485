import type { LiveEvent } from "@distillery/shared/protocol/socket";
import { describe, expect, it } from "vitest";
import { type ConnectionState, createRunSocket, type LiveSocket, type RunListener } from "./runSocket";

/** A socket that records what is sent and lets the test play the server. */
function fakeSocket() {
  const handlers = new Map<string, (...values: never[]) => void>();
  const sent: [name: string, message: unknown][] = [];
  const socket = {
    connected: false,
    on(name: string, handler: (...values: never[]) => void) {
      handlers.set(name, handler);
      return socket;
    },
    emit(name: string, message: unknown) {
      sent.push([name, message]);
      return socket;
    },
    disconnect() {
      socket.connected = false;
      return socket;
    },
  };
  const play = (name: string, ...values: unknown[]) => handlers.get(name)?.(...(values as never[]));
  return {
    socket: socket as LiveSocket,
    sent,
    connect() {
      socket.connected = true;
      play("connect");
    },
    drop() {
      socket.connected = false;
      play("disconnect");
    },
    play,
  };
}
const event = (seq: number): LiveEvent => ({ runId: "r1", seq, time: seq, type: "status", status: "running" });

function listener() {
  const seen: number[] = [];
  const own: RunListener = {
    lastSeq: () => seen.at(-1) ?? 0,
    events: (events) => seen.push(...events.map(({ seq }) => seq)),
    frame: () => {},
    refused: () => {},
  };
  return { seen, own };
}

describe("the live connection", () => {
  it("asks again after a reconnect, from the last event it has, and opens its taps again", () => {
    const fake = fakeSocket();
    const states: ConnectionState[] = [];
    const live = createRunSocket(fake.socket, (state) => states.push(state));
    const { seen, own } = listener();
    live.subscribe("r1", own);
    live.tap({ runId: "r1", node: "bank", socket: "x", every: 5 });
    expect(fake.sent).toEqual([]);
    fake.connect();
    fake.play("events", [event(1), event(2)]);
    fake.play("events", [{ ...event(9), runId: "other" }]);
    fake.drop();
    fake.connect();
    expect(seen).toEqual([1, 2]);
    expect(fake.sent).toEqual([
      ["subscribe", { runId: "r1", after: 0 }],
      ["tap", { runId: "r1", node: "bank", socket: "x", every: 5 }],
      ["subscribe", { runId: "r1", after: 2 }],
      ["tap", { runId: "r1", node: "bank", socket: "x", every: 5 }],
    ]);
    expect(states).toEqual(["connecting", "online", "offline", "online"]);
  });

  it("closes a tap only when nobody wants it any more", () => {
    const fake = fakeSocket();
    const live = createRunSocket(fake.socket, () => {});
    fake.connect();
    const tap = () => live.tap({ runId: "r1", node: "bank", socket: "x", every: 1 });
    const [first, second] = [tap(), tap()];
    first();
    expect(fake.sent.filter(([name]) => name === "untap")).toEqual([]);
    second();
    second();
    expect(fake.sent.filter(([name]) => name === "untap")).toEqual([
      ["untap", { runId: "r1", node: "bank", socket: "x" }],
    ]);
  });

  it("hears nothing of a run it has left", () => {
    const fake = fakeSocket();
    const live = createRunSocket(fake.socket, () => {});
    fake.connect();
    const { seen, own } = listener();
    live.subscribe("r1", own)();
    fake.play("events", [event(1)]);
    expect(seen).toEqual([]);
    expect(fake.sent.at(-1)).toEqual(["unsubscribe", { runId: "r1" }]);
  });
});
