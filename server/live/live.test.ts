import type { RunEvent } from "@distillery/shared/protocol/events";
import type { ClientToServer, FrameHeader, ServerToClient, SubscribeAck } from "@distillery/shared/protocol/socket";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tinyGraph } from "../testing/graphs";
import { startTestServer, type TestServer, until } from "../testing/server";

type Client = Socket<ServerToClient, ClientToServer>;

let server: TestServer;
const clients: Client[] = [];
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.remove());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const connect = (options: object = {}): Client => {
  const client: Client = io(`${server.address}/runs`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    ...options,
  });
  clients.push(client);
  return client;
};
const refused = (client: Client) =>
  new Promise<boolean>((resolve) => {
    client.once("connect", () => resolve(false));
    client.once("connect_error", () => resolve(true));
  });
const start = async (trainer: Record<string, number> = {}) =>
  (await server.http.inject({ method: "POST", url: "/api/runs", payload: { graph: tinyGraph(trainer) } })).json();

/** Collects events until one fits. */
function collect(client: Client, stop: (event: RunEvent) => boolean): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  return new Promise((resolve) => {
    client.on("events", (batch) => {
      for (const { runId: _, ...event } of batch) {
        all.push(event);
        if (stop(event)) resolve(all);
      }
    });
  });
}
const isDone = (event: RunEvent) => event.type === "status" && event.status === "done";
const seqs = (events: RunEvent[]) => events.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test("a viewer gets every event in order, and pictures with their values", async () => {
  const client = connect();
  const frames: { header: FrameHeader; image: ArrayBuffer; values: ArrayBuffer | null }[] = [];
  client.on("frame", (header, image, values) => frames.push({ header, image, values }));
  const run = await start();
  const done = collect(client, isDone);
  const ack = await client.emitWithAck("subscribe", { runId: run.id });
  expect(ack).toMatchObject({ seq: expect.any(Number), status: expect.any(String) });
  const events = await done;
  expect(seqs(events)).toEqual(range(1, events.length));
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["compiled", "step", "metric", "checkpoint", "artifact", "frame"]),
  );
  const [frame] = frames;
  expect(frame?.header).toMatchObject({ runId: run.id, node: "viewer", shape: [32, 2], stats: { nan: 0 } });
  expect(
    Buffer.from(frame?.image ?? new ArrayBuffer(0))
      .subarray(8, 12)
      .toString(),
  ).toBe("WEBP");
  expect(frame?.values?.byteLength).toBe(32 * 2 * 4);
  // The same picture and values can be fetched later.
  const url = `/api/runs/${run.id}/frames/${frame?.header.seq}`;
  const image = await server.http.inject({ url });
  expect(image.headers["content-type"]).toBe("image/webp");
  expect(image.rawPayload.equals(Buffer.from(frame?.image ?? new ArrayBuffer(0)))).toBe(true);
  const raw = await server.http.inject({ url: `${url}?format=raw` });
  expect([raw.headers["x-shape"], raw.rawPayload.byteLength]).toEqual(["[32,2]", 256]);
  // And the log by HTTP is the same.
  expect((await server.http.inject({ url: `/api/runs/${run.id}/events` })).json()).toEqual(events);
});

test("who comes back with the last event seen misses nothing and gets nothing twice", async () => {
  const run = await start({ steps: 400 });
  const first = connect();
  const early = collect(first, (event) => event.seq >= 20);
  await first.emitWithAck("subscribe", { runId: run.id, after: 0 });
  const seen = seqs(await early);
  first.close();
  await until(server, run.id, (record) => record.step >= 60);
  const second = connect();
  const rest = collect(second, isDone);
  const last = seen.at(-1) ?? 0;
  await second.emitWithAck("subscribe", { runId: run.id, after: last });
  const later = seqs(await rest);
  expect([...seen, ...later]).toEqual(range(1, later.at(-1) ?? 0));
});

test("a tapped wire is shown while the run goes on, and no longer once untapped", async () => {
  const run = await start({ steps: 100_000 });
  const client = connect();
  await client.emitWithAck("subscribe", { runId: run.id });
  const tapped = new Promise<FrameHeader>((resolve) => client.on("frame", (header) => header.tap && resolve(header)));
  expect(await client.emitWithAck("tap", { runId: run.id, node: "solver", socket: "x", every: 2 })).toEqual({
    ok: true,
  });
  expect(await tapped).toMatchObject({ node: "solver", socket: "x", shape: [32, 2] });
  expect(await client.emitWithAck("untap", { runId: run.id, node: "solver", socket: "x" })).toEqual({ ok: true });
  await server.http.inject({ method: "POST", url: `/api/runs/${run.id}/cancel` });
  expect((await server.runs.finished(run.id)).status).toBe("cancelled");
});

describe("what viewers may not do", () => {
  test("connect from another page or by another name", async () => {
    expect(await refused(connect({ extraHeaders: { origin: "https://evil.example" } }))).toBe(true);
    expect(await refused(connect({ extraHeaders: { origin: "null" } }))).toBe(true);
    expect(await refused(connect({ extraHeaders: { host: "evil.example" } }))).toBe(true);
    expect(await refused(connect({ extraHeaders: { origin: server.address } }))).toBe(false);
  });

  test("connect without the token of an open server", async () => {
    const open = await startTestServer({ token: "secret-token" });
    try {
      const to = (options: object) => {
        const client: Client = io(`${open.address}/runs`, {
          transports: ["websocket"],
          forceNew: true,
          reconnection: false,
          ...options,
        });
        clients.push(client);
        return client;
      };
      expect(await refused(to({}))).toBe(true);
      expect(await refused(to({ auth: { token: "wrong" } }))).toBe(true);
      expect(await refused(to({ auth: { token: ["secret-token"] } }))).toBe(true);
      expect(await refused(to({ auth: { token: "secret-token" } }))).toBe(false);
      expect(await refused(to({ extraHeaders: { cookie: "distillery_token=secret-token" } }))).toBe(false);
    } finally {
      await open.remove();
    }
  });

  test("end the server with messages that make no sense", async () => {
    const client = connect();
    const bad: unknown[] = [
      null,
      1,
      "x",
      {},
      { runId: 5 },
      { runId: "nosuch" },
      { runId: "x", after: -1 },
      { __proto__: { runId: "x" } },
    ];
    for (const message of bad) {
      const answer: SubscribeAck = await client.emitWithAck("subscribe", message as { runId: string });
      expect(answer).toHaveProperty("error");
    }
    client.emit("subscribe", { runId: "x" }, "not a function" as never);
    expect(await client.emitWithAck("tap", { runId: "nosuch", node: "a", socket: "b" })).toHaveProperty("error");
    expect((await server.http.inject({ url: "/api/health" })).statusCode).toBe(200);
  });

  test("tap without end", async () => {
    const run = await start({ steps: 1 });
    const client = connect();
    const answers = [];
    for (let i = 0; i < 40; i++)
      answers.push(await client.emitWithAck("tap", { runId: run.id, node: `n${i}`, socket: "x" }));
    expect(answers.filter((answer) => "error" in answer)).toHaveLength(8);
    await server.runs.finished(run.id);
  });
});
