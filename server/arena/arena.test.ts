import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { library } from "@distillery/nodes/library";
import { arenaCsv, arenaTables } from "@distillery/shared/arena/export";
import { type ArenaSpecInput, arenaSpecSchema, untrainedOf } from "@distillery/shared/protocol/arena";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WORKER_FILE } from "../paths";
import { RunManager } from "../runs/manager";
import { openStore, type Store } from "../store/store";
import { smallStyleGraph } from "../testing/pictures";
import { startTestServer } from "../testing/server";
import { summarySchema } from "../worker/protocol";
import { Arenas } from "./arenas";
import { planArena } from "./plan";
import { arenaPlot } from "./plot";
import { arenaMarkdown } from "./report";
import { arenaSheet } from "./sheet";

/** The owner of what a process that is no more was at. */
const GONE = "server:999999999:1";

let home: string;
let store: Store;
let runs: RunManager;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "distillery-arena-"));
  store = openStore(home, 2 ** 26);
  runs = new RunManager({ store, library, workerFile: WORKER_FILE, origin: "cli" });
});
afterAll(async () => {
  await runs.close();
  store.close();
  rmSync(home, { recursive: true, force: true });
});

const method = (id: string, learningRate: number) => ({
  id,
  title: id === "fast" ? "Fast" : "Slow",
  graph: smallStyleGraph(),
  params: { "trainer.learningRate": learningRate },
});
const spec = (change: Partial<ArenaSpecInput> = {}) =>
  arenaSpecSchema.parse({
    name: "Small",
    methods: [method("fast", 0.01), method("slow", 0.0001)],
    seeds: 1,
    budget: { updates: 2 },
    nfe: [2, 1],
    guidance: [2],
    // The quick one.
    scorers: ["ssim"],
    evaluation: { batch: 4, teacherNfe: 3, pictures: 3 },
    ...change,
  });
const runsHere = () => store.runs.list({ limit: 1000 });
const trainings = () => runsHere().filter(({ steps }) => steps > 0);

test("trains every method, judges all alike, and never repeats what it knows", async () => {
  const arenas = new Arenas(store, runs, "cli");
  const { id } = await arenas.start(spec());
  const done = await arenas.finished(id);
  expect(done.entries.map(({ method, seed, status, error }) => [method, seed, status, error])).toEqual([
    [null, 0, "done", null],
    ["fast", 1, "done", null],
    ["slow", 1, "done", null],
  ]);
  expect(done).toMatchObject({ status: "done", done: 3, total: 3 });
  const results = done.entries.map(({ result }) => result);
  expect(results[0]?.training).toBeNull();
  expect(results[0]?.scores).toHaveLength(1);
  for (const result of results.slice(1)) {
    expect(result?.training).toMatchObject({ updates: 2 });
    expect(result?.training?.parameters).toBeGreaterThan(1000);
    expect(result?.scores.map(({ nfe, guidanceScale }) => [nfe, guidanceScale])).toEqual([
      [2, 2],
      [1, 2],
    ]);
    expect(result?.pictures.results).toHaveLength(2);
  }
  expect(results[1]?.scores[0]?.values).toMatchObject({ ssim: { n: 4 }, ssimToSource: { n: 4 } });

  // Identical inputs: the pictures the paths were made from are the same to the last bit, whatever was trained.
  const picture = async (entry: number, part: "source" | "answer" | number) => {
    const result = results[entry];
    const seq = typeof part === "number" ? result?.pictures.results[part]?.seq : result?.pictures[part];
    const frame = store.frames.get(result?.evaluationRunId ?? "", seq ?? -1);
    return Buffer.from((await frame?.read("values")) ?? []).toString("base64");
  };
  for (const part of ["source", "answer"] as const) {
    const first = await picture(0, part);
    expect(first.length).toBeGreaterThan(100);
    for (const entry of [1, 2]) expect(await picture(entry, part)).toBe(first);
  }
  expect(await picture(1, 0)).not.toBe(await picture(2, 0));

  const before = runsHere().length;
  const again = await arenas.start(spec({ name: "Called otherwise", methods: [...spec().methods].reverse() }));
  const known = await arenas.finished(again.id);
  expect(known.id).not.toBe(id);
  expect(known.entries.every(({ isKnown, status }) => isKnown && status === "done")).toBe(true);
  expect(runsHere()).toHaveLength(before);
  expect((await arenas.start(spec())).id).toBe(id);

  expect(arenaCsv(done).split("\r\n")[1]).toMatch(/^Teacher,,,,,,3,/);
  const { scores, cost } = arenaTables(done);
  expect(scores).toHaveLength(1 + 1 + 2 * 2);
  expect(cost.map(([title, seeds, updates]) => [title, seeds, updates])).toEqual([
    ["", "seeds", "updates"],
    ["Fast", "1", "2"],
    ["Slow", "1", "2"],
  ]);
  expect(arenaMarkdown(done)).toContain("## Training cost");
  expect(await sharp(await arenaPlot(done)).metadata()).toMatchObject({ format: "png", width: 2 * 840 });
  expect((await sharp(await arenaSheet(done, store)).metadata()).height).toBe(22 + 4 + 5 * 70);
}, 300_000);

test("judges a student as it starts, once, whatever the seeds", async () => {
  const arenas = new Arenas(store, runs, "cli");
  const before = trainings().length;
  const [fast] = [method("fast", 0.01)];
  const { id } = await arenas.start(
    spec({ methods: [fast, ...untrainedOf([fast])], seeds: 1, name: "With its start" }),
  );
  const done = await arenas.finished(id);
  expect(done.entries.map(({ method, seed, status }) => [method, seed, status])).toEqual([
    [null, 0, "done"],
    ["untrained", 0, "done"],
    ["fast", 1, "done"],
  ]);
  const [, start, trained] = done.entries.map(({ result }) => result);
  expect(start?.training).toBeNull();
  expect(start?.scores.map(({ nfe }) => nfe)).toEqual([2, 1]);
  expect(start?.scores[0]?.values.ssim?.mean).not.toBe(trained?.scores[0]?.values.ssim?.mean);
  // That method with that seed was trained by the test before.
  expect(trainings().length).toBeLessThanOrEqual(before + 1);
  expect(arenaTables(done).cost.map(([title]) => title)).toEqual(["", "Fast"]);
}, 300_000);

test("says which networks look at the pictures", async () => {
  const { metrics } = await planArena(spec({ scorers: ["style-similarity", "fd", "psnr"] }), store, runs);
  const expected = [
    { id: "styleSimilarity", title: "Style similarity", better: "higher", judge: "style" },
    { id: "fd", title: "FD", better: "lower", judge: "judge" },
    { id: "psnr", title: "PSNR", better: "higher", judge: null },
  ];
  expect(metrics).toEqual(expect.arrayContaining(expected));
}, 60_000);

test("goes on inside a training where it was stopped, by another process, too", async () => {
  const slow = spec({ methods: [method("fast", 0.01)], budget: { updates: 40 } });
  const arenas = new Arenas(store, runs, "cli");
  const { id } = await arenas.start(slow);
  const training = () => arenas.get(id)?.entries[1];
  while ((training()?.step ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  const stopped = await arenas.cancel(id);
  expect(stopped).toMatchObject({ status: "cancelled", done: 1 });
  const first = store.runs.get(stopped.entries[1]?.runId ?? "");
  const left = store.runs.checkpoints(first?.id ?? "")[0];
  expect(left?.step).toBeGreaterThan(1);
  expect(left?.step).toBeLessThan(40);

  const later = new Arenas(store, runs, "cli");
  expect((await later.start(slow)).id).toBe(id);
  const done = await later.finished(id);
  expect(done.entries[1]).toMatchObject({ status: "done", result: { training: { updates: 40 } } });
  const second = done.entries[1]?.result?.training?.runId ?? "";
  expect(second).not.toBe(first?.id);
  expect(store.runs.sourceCheckpoint(second)).toBe(left?.hash);
  expect(trainings().filter(({ steps }) => steps === 40)).toHaveLength(2);
}, 300_000);

test("a budget of seconds is measured once a method, and gives all its seeds the same number of updates", async () => {
  const arenas = new Arenas(store, runs, "cli");
  const timed = spec({ methods: [method("fast", 0.01)], seeds: 2, budget: { seconds: 2 } });
  const { id } = await arenas.start(timed);
  const done = await arenas.finished(id);
  const [, first, second] = done.entries;
  const measured = runsHere().filter(({ label }) => label === "arena: Fast, speed");
  expect(measured).toHaveLength(1);
  const { stepsPerSecond } = summarySchema.parse(store.runs.summary(measured[0]?.id ?? ""));
  const updates = Math.max(1, Math.round(2 * stepsPerSecond));
  expect(first?.result?.training?.updates).toBe(updates);
  expect(second?.result?.training?.updates).toBe(updates);
  expect(updates).toBeGreaterThan(2);
}, 300_000);

test("a server that comes back goes on with its arena inside the training", async () => {
  const folder = mkdtempSync(join(tmpdir(), "distillery-arena-restart-"));
  try {
    const before = await startTestServer({}, { home: folder });
    const { id } = await before.arenas.start(spec({ methods: [method("fast", 0.01)], budget: { updates: 40 } }));
    const training = () => before.arenas.get(id)?.entries[1];
    while ((training()?.step ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const run = training()?.runId ?? "";
    await before.close();

    const after = await startTestServer({}, { home: folder });
    expect(after.arenas.get(id)).toMatchObject({ status: "running", done: 1 });
    // This process lives on, so what it owns does not look abandoned: say that it belongs to one that does not.
    after.store.runs.adopt(run, GONE);
    after.store.arenas.adopt(id, GONE);
    after.runs.recover();
    after.arenas.recover();
    const done = await after.arenas.finished(id);
    expect(done).toMatchObject({ status: "done", done: 2 });
    expect(done.entries[1]).toMatchObject({ runId: run, result: { training: { updates: 40, runId: run } } });
    await after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
