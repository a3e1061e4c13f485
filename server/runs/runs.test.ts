import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { EventBody, RunEvent } from "@distillery/shared/protocol/events";
import type { Overrides } from "@distillery/shared/protocol/rest";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { explainStorage } from "../store/database";
import { tinyGraph } from "../testing/graphs";
import { startTestServer, type TestServer, until } from "../testing/server";
import { summarySchema } from "../worker/protocol";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.remove());

const start = (graph: GraphDocument, overrides: Overrides = {}, on = server) => on.runs.start({ graph, overrides });
const events = (id: string, on = server): RunEvent[] => on.store.runs.events(id, 0, 100_000);
const statuses = (id: string, on = server) =>
  events(id, on).flatMap((event) => (event.type === "status" ? [event.status] : []));
const weights = (id: string, on = server) => summarySchema.parse(on.store.runs.summary(id)).weightsSha256;
const isWarning = (event: EventBody) => event.type === "log" && event.level === "warning";

/** Long enough to be caught in the middle, on any machine. */
const long = () => tinyGraph({ steps: 600, checkpointEvery: 20 });
const afterFirstCheckpoint = (id: string, on = server) => until(on, id, () => on.store.runs.checkpoints(id).length > 0);

test("a run trains and leaves its results", async () => {
  const { id } = await start(tinyGraph());
  const run = await server.runs.finished(id);
  expect(run).toMatchObject({ status: "done", step: 40, steps: 40, error: null });
  expect(run.metrics).toMatchObject({ lossFirst: expect.any(Number), trajectoryErrorAfter: expect.any(Number) });
  expect(statuses(id)).toEqual(["queued", "starting", "running", "done"]);
  const artifacts = server.store.runs.artifacts(id);
  expect(artifacts.map(({ name }) => name)).toEqual([
    "student.onnx",
    "student.json",
    "checkpoint.safetensors",
    "trajectory-sheet.png",
  ]);
  const download = await server.http.inject({ url: `/api/runs/${id}/artifacts/student.onnx` });
  expect(download.headers).toMatchObject({
    "content-disposition": 'attachment; filename="student.onnx"',
    "x-content-type-options": "nosniff",
  });
  expect(download.rawPayload.byteLength).toBe(artifacts[0]?.bytes);
});

test("kill -9 of the worker is noticed, and the weights come out bit for bit the same", async () => {
  const undisturbed = await start(long());
  await server.runs.finished(undisturbed.id);
  const killed = await start(long());
  await afterFirstCheckpoint(killed.id);
  process.kill(server.runs.workerPid(killed.id) ?? 0, "SIGKILL");
  const run = await server.runs.finished(killed.id);
  expect(run).toMatchObject({ status: "done", step: 600 });
  expect(events(killed.id).filter(isWarning)).toHaveLength(1);
  expect(statuses(killed.id)).toEqual(["queued", "starting", "running", "starting", "running", "done"]);
  expect(weights(killed.id)).toBe(weights(undisturbed.id));
  const numbers = events(killed.id).map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
}, 60_000);

test("a worker that keeps dying fails the run after three restarts, and its last checkpoint stays", async () => {
  const { id } = await start(tinyGraph({ steps: 100_000, checkpointEvery: 20 }));
  await afterFirstCheckpoint(id);
  const stop = server.runs.log.listen({
    appended: (runId) => {
      const pid = server.runs.workerPid(id);
      if (runId === id && pid !== undefined && server.runs.get(id)?.status === "running") process.kill(pid, "SIGKILL");
    },
  });
  const run = await server.runs.finished(id);
  stop();
  expect(run.status).toBe("failed");
  expect(run.error?.message).toMatch(/ended 4 times \(signal SIGKILL\)/);
  expect(server.store.runs.checkpoints(id).length).toBeGreaterThan(0);
}, 60_000);

test("a paused run waits, lets others run, and goes on to the same weights", async () => {
  const reference = await start(long());
  await server.runs.finished(reference.id);
  const { id } = await start(long());
  await until(server, id, ({ step }) => step > 1);
  server.runs.pause(id);
  const { step } = await until(server, id, ({ status }) => status === "paused");
  const other = await start(tinyGraph());
  expect((await server.runs.finished(other.id)).status).toBe("done");
  expect(server.runs.get(id)).toMatchObject({ status: "paused", step });
  server.runs.resume(id);
  expect((await server.runs.finished(id)).status).toBe("done");
  expect(weights(id)).toBe(weights(reference.id));
  expect(() => server.runs.pause(id)).toThrow(/already done/);
}, 60_000);

test("a cancelled run ends between two steps, keeps a checkpoint, and can be continued by another", async () => {
  const { id } = await start(tinyGraph({ steps: 100_000 }));
  await until(server, id, ({ step }) => step > 1);
  server.runs.cancel(id);
  const run = await server.runs.finished(id);
  expect(run.status).toBe("cancelled");
  const [checkpoint] = server.store.runs.checkpoints(id);
  expect(checkpoint?.step).toBeGreaterThan(1);
  const steps = (checkpoint?.step ?? 0) + 5;
  const next = await start(tinyGraph({ steps: 100_000 }), { from: id, steps });
  expect(await server.runs.finished(next.id)).toMatchObject({ status: "done", step: steps });
  const first = events(next.id).find((event) => event.type === "step");
  expect(first?.type === "step" && first.step).toBeGreaterThan(checkpoint?.step ?? 0);
}, 60_000);

test("runs wait for their device in order, and a waiting one can be cancelled", async () => {
  const first = await start(tinyGraph({ steps: 100_000 }));
  const second = await start(tinyGraph());
  const third = await start(tinyGraph());
  expect(server.runs.counts()).toEqual({ running: 1, queued: 2 });
  expect(server.runs.get(second.id)?.status).toBe("queued");
  server.runs.cancel(second.id);
  expect((await server.runs.finished(second.id)).status).toBe("cancelled");
  expect(server.store.runs.get(third.id)?.status).toBe("queued");
  server.runs.cancel(first.id);
  expect((await server.runs.finished(third.id)).status).toBe("done");
}, 60_000);

test("a diverging run stops with the step, and its last good checkpoint stays", async () => {
  const graph = tinyGraph({ steps: 2000, checkpointEvery: 1, clipNorm: 0, learningRate: 10, optimiser: "sgd" });
  const { id } = await start(graph, { params: { "loss.distance": "l2", "loss.weight": 50 } });
  const run = await server.runs.finished(id);
  expect(run.status).toBe("failed");
  expect(run.error?.message).toMatch(/^Step \d+: loss became/);
  expect(statuses(id).at(-1)).toBe("failed");
  const [last] = server.store.runs.checkpoints(id);
  const { variables } = decodeCheckpoint(await server.store.blobs.read(last?.hash ?? ""));
  for (const [name, { data }] of Object.entries(variables))
    expect(Array.from(data, Number).every(Number.isFinite), name).toBe(true);
}, 60_000);

test("a full disk fails the run with one clear line, and the server goes on", async () => {
  const breakages = [
    () =>
      vi.spyOn(server.store.frames, "add").mockImplementation(() => {
        throw explainStorage(Object.assign(new Error("no space"), { code: "ENOSPC" }), "/data");
      }),
    () =>
      vi.spyOn(server.store.blobs, "put").mockImplementation(async () => {
        throw explainStorage(Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" }), "/data");
      }),
  ];
  for (const breakDown of breakages) {
    const breakage = breakDown();
    const { id } = await start(tinyGraph());
    const run = await server.runs.finished(id);
    expect(run).toMatchObject({
      status: "failed",
      error: { message: expect.stringMatching(/^The disk that holds \/data is full/) },
    });
    breakage.mockRestore();
  }
  const { id } = await start(tinyGraph());
  expect((await server.runs.finished(id)).status).toBe("done");
}, 60_000);

test("overrides change one run, not its graph", async () => {
  const graph = tinyGraph();
  const { id } = await start(graph, { seed: 99, steps: 3, params: { "student.width": 8 } });
  await server.runs.finished(id);
  const detail = server.store.runs.detail(id);
  expect(detail).toMatchObject({ seed: 99, step: 3, status: "done", graph: { seed: 99 } });
  expect(detail?.graph.nodes.find((node) => node.id === "student")?.params).toEqual({ width: 8, depth: 2 });
  expect(graph.nodes.find((node) => node.id === "student")?.params.width).toBe(16);
});

test("more steps than the graph plans stretch its schedule; fewer end the run early", async () => {
  const planned = tinyGraph({ steps: 60, schedule: "cosine" });
  const whole = await start(planned);
  const stretched = await start(tinyGraph({ steps: 40, schedule: "cosine" }), { steps: 60 });
  const early = await start(planned, { steps: 40 });
  expect(await server.runs.finished(early.id)).toMatchObject({ step: 40, steps: 40 });
  const rest = await start(planned, { from: early.id });
  for (const { id } of [whole, stretched, rest]) await server.runs.finished(id);
  for (const { id } of [stretched, rest]) {
    expect(server.store.runs.get(id)).toMatchObject({ step: 60, steps: 60 });
    expect(weights(id)).toBe(weights(whole.id));
  }
}, 60_000);

describe("a server that comes back", () => {
  test("continues what it was doing, to the same weights", async () => {
    const reference = await start(long());
    await server.runs.finished(reference.id);
    const home = mkdtempSync(join(tmpdir(), "distillery-restart-"));
    try {
      const before = await startTestServer({}, { home });
      const { id } = await start(long(), {}, before);
      const waiting = await start(tinyGraph(), {}, before);
      await afterFirstCheckpoint(id, before);
      await before.close();
      const after = await startTestServer({}, { home });
      // This process lives on, so its runs do not look abandoned: say that they belong to one that does not.
      for (const run of [id, waiting.id]) after.store.runs.adopt(run, "server:999999999:1");
      after.runs.recover();
      expect(await after.runs.finished(id)).toMatchObject({ status: "done", step: 600 });
      expect(await after.runs.finished(waiting.id)).toMatchObject({ status: "done" });
      expect(weights(id, after)).toBe(weights(reference.id));
      expect(
        events(id, after).some((event) => event.type === "log" && /server was restarted/.test(event.message)),
      ).toBe(true);
      await after.close();
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }, 60_000);
});
