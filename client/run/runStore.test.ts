// @vitest-environment happy-dom
import { templates } from "@distillery/nodes/templates/index";
import { flatDocument } from "@distillery/shared/graph/flatten";
import type { EventBody, RunEvent } from "@distillery/shared/protocol/events";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { computed, watchSyncEffect } from "vue";
import { loadRun } from "./historyStore";
import { useRunStore } from "./runStore";
import { useServerStore } from "./serverStore";
import { answering, detail, FakeConnection, graph, numbered, stats } from "./testing";

const events = numbered([
  { type: "status", status: "running" },
  { type: "node", node: "trainer", state: "running" },
  { type: "step", step: 1, steps: 10, stepsPerSecond: 5, series: { "trainer.loss": 2 } },
  {
    type: "frame",
    step: 1,
    node: "viewer",
    socket: "student",
    row: 0,
    column: 0,
    t: 9,
    shape: [2],
    stats,
    format: "png",
  },
  { type: "step", step: 5, steps: 10, stepsPerSecond: 5, series: { "trainer.loss": 1 } },
]);
const progress: EventBody = { type: "step", step: 1, steps: 10, stepsPerSecond: 5, series: {} };
/** The server's log, as `GET /api/runs/r1/events?after=N` gives it. */
const serve = (log: () => RunEvent[]) =>
  vi.stubGlobal(
    "fetch",
    answering({
      "/api/runs/r1/events": (path: string) => log().filter(({ seq }) => seq > Number(/after=(\d+)/.exec(path)?.[1])),
      "/api/runs/r1/cancel": detail({ status: "cancelled" }),
      "/api/runs/r1": detail(),
    }),
  );

let connection: FakeConnection;
beforeEach(() => {
  setActivePinia(createPinia());
  connection = new FakeConnection();
  useServerStore().useConnection(connection);
});
afterEach(() => vi.unstubAllGlobals());

describe("the run in view", () => {
  it("is rebuilt from the event log after a reload, then goes on live", async () => {
    serve(() => events.slice(0, 4));
    const run = useRunStore();
    await run.attach("r1");
    expect([run.status, run.log?.step, run.log?.nodes.get("trainer")?.state]).toEqual(["running", 1, "running"]);
    connection.listeners.get("r1")?.events(events.slice(2));
    expect([run.log?.step, run.log?.series.get("trainer.loss")?.values]).toEqual([5, [2, 1]]);
    await vi.waitFor(() => expect(run.progress).toBe(0.5));
    expect(run.secondsLeft).toBe(1);
  });

  it("knows what is inside folded parts, wherever the run comes from", async () => {
    const folded = templates.find(({ id }) => id === "std-style")?.document ?? graph;
    const flat = flatDocument(folded).nodes.map(({ id }) => id);
    expect(flat.length).toBeGreaterThan(folded.nodes.length);
    vi.stubGlobal("fetch", answering({ "/api/runs/r1/events": [], "/api/runs/r1": detail({ graph: folded }) }));
    const run = useRunStore();
    const nodes = () => run.graph?.nodes.map(({ id }) => id);
    await run.attach("r1");
    expect(nodes()).toEqual(flat);
    const { status, label, device, seed, step, steps, createdAt } = detail();
    const source = { image: async () => new Blob(), values: async () => new Float32Array() };
    run.show({ status, label, device, seed, step, steps, createdAt, graph: folded, events: [] }, source);
    expect(nodes()).toEqual(flat);
    expect((await loadRun("r1")).detail.graph.nodes.map(({ id }) => id)).toEqual(flat);
  });

  it("tells those who look at what nodes report of nothing else", async () => {
    serve(() => [
      ...events.slice(0, 3),
      { type: "data", node: "bank", name: "bank", step: 1, value: 1, seq: 4, time: 4 },
    ]);
    const run = useRunStore();
    await run.attach("r1");
    let seen = 0;
    const looks = computed(() => {
      seen++;
      return run.reported?.log.dataAt("bank", "bank")?.value;
    });
    expect(looks.value).toBe(1);
    const live = connection.listeners.get("r1");
    live?.events([{ ...events[4]!, seq: 5 }]);
    await vi.waitFor(() => expect(run.progress).toBe(0.5));
    expect([looks.value, seen]).toEqual([1, 1]);
    live?.events([{ type: "data", node: "bank", name: "bank", step: 5, value: 2, seq: 6, time: 6 }]);
    await vi.waitFor(() => expect(looks.value).toBe(2));
    expect(seen).toBe(2);
  });

  it("asks the socket only for what the log has not brought, and takes nothing twice", async () => {
    serve(() => events);
    const run = useRunStore();
    const attached = run.attach("r1");
    expect(connection.listeners.has("r1")).toBe(false);
    await attached;
    expect(connection.listeners.get("r1")?.lastSeq()).toBe(5);
    connection.listeners.get("r1")?.events(events);
    expect(run.log?.lastSeq).toBe(5);
    expect(run.log?.frames).toHaveLength(1);
    expect(run.log?.series.get("trainer.loss")?.steps).toEqual([1, 5]);
  });

  it("tells the views of progress now and then, of a change of status at once", async () => {
    serve(() => events.slice(0, 2));
    const run = useRunStore();
    await run.attach("r1");
    let told = 0;
    watchSyncEffect(() => {
      told += run.log ? 1 : 0;
    });
    const steps = Array.from({ length: 100 }, (_, i) => ({ ...progress, step: i + 1 }));
    for (const event of numbered(steps, 3)) connection.listeners.get("r1")?.events([event]);
    expect(told).toBe(1);
    await vi.waitFor(() => expect([told, run.progress]).toEqual([2, 10]));
    connection.listeners.get("r1")?.events(numbered([progress, { type: "status", status: "done" }], 103));
    expect([told, run.status]).toEqual([3, "done"]);
  });

  it("fills a hole from the stored log", async () => {
    let known = events.slice(0, 1);
    serve(() => known);
    const run = useRunStore();
    await run.attach("r1");
    known = events;
    connection.listeners.get("r1")?.events(events.slice(4));
    expect(run.log?.lastSeq).toBe(1);
    await vi.waitFor(() => expect(run.log?.lastSeq).toBe(5));
  });

  it("asks from its last event at a reconnect", async () => {
    serve(() => events);
    await useRunStore().attach("r1");
    expect(connection.listeners.get("r1")?.lastSeq()).toBe(5);
  });

  it("forgets the run before when another is looked at, and late events of it", async () => {
    serve(() => events);
    const run = useRunStore();
    await run.attach("r1");
    const late = connection.listeners.get("r1");
    run.detach();
    late?.events(numbered([{ type: "status", status: "done" }], 6));
    expect([run.log, run.status]).toEqual([null, null]);
    expect(connection.listeners.size).toBe(0);
  });

  it("leaves nothing half-open when the run is gone", async () => {
    vi.stubGlobal("fetch", answering({}));
    const run = useRunStore();
    await expect(run.attach("r1")).rejects.toThrow("does not exist");
    expect([run.log, run.isLoading, connection.listeners.size]).toEqual([null, false, 0]);
  });

  it("is cancelled by the server, whose answer is kept", async () => {
    serve(() => events);
    const run = useRunStore();
    await run.attach("r1");
    await run.control("cancel");
    expect([run.record?.status, run.pending]).toEqual(["cancelled", ""]);
  });
});
