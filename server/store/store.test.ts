import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyDocument } from "@distillery/shared/graph/document";
import type { RunFilter } from "@distillery/shared/protocol/rest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addRun } from "../testing/runs";
import { nextToDrop } from "./frames";
import { openStore, type Store } from "./store";

let home: string;
let store: Store;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "distillery-store-"));
  store = openStore(home, 4000);
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

describe("graphs", () => {
  test("a stale save changes nothing, and every version stays", () => {
    const { id } = store.graphs.create(emptyDocument("one"));
    expect(store.graphs.save(id, emptyDocument("two"), 1)).toMatchObject({ kind: "saved", record: { revision: 2 } });
    expect(store.graphs.save(id, emptyDocument("lost"), 1)).toEqual({ kind: "stale", revision: 2 });
    expect(store.graphs.get(id)?.name).toBe("two");
    expect(store.graphs.versions(id).map(({ name }) => name)).toEqual(["two", "one"]);
    expect(store.graphs.version(id, 1)?.graph?.name).toBe("one");
  });

  test("saving the same contents again makes no version", () => {
    const { id } = store.graphs.create(emptyDocument("one"));
    store.graphs.save(id, emptyDocument("one"), 1);
    expect(store.graphs.versions(id)).toHaveLength(1);
  });
});

test("everything is there again after reopening", () => {
  const { id } = store.graphs.create(emptyDocument("kept"));
  addRun(store, { id: "r" });
  store.runs.append("r", [{ type: "status", status: "queued", seq: 1, time: 5 }], { step: 3 });
  store.close();
  store = openStore(home, 4000);
  expect(store.graphs.get(id)?.name).toBe("kept");
  expect(store.runs.get("r")).toMatchObject({ step: 3, lastSeq: 1 });
  expect(store.runs.events("r", 0, 10)).toEqual([{ type: "status", status: "queued", seq: 1, time: 5 }]);
});

test("a failing transaction leaves nothing behind", () => {
  addRun(store, { id: "r" });
  const event = { type: "status", status: "queued", seq: 1, time: 5 } as const;
  expect(() => store.runs.append("r", [event, event], {})).toThrow();
  expect(store.runs.events("r", 0, 10)).toEqual([]);
  addRun(store, { id: "s" });
  expect(store.runs.get("s")).toBeDefined();
});

describe("blobs", () => {
  test("are stored once, and no temporary file remains", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const hash = await store.blobs.put(bytes);
    expect(await store.blobs.put(bytes)).toBe(hash);
    expect(new Uint8Array(await store.blobs.read(hash))).toEqual(bytes);
    expect(readdirSync(join(home, "blobs", hash.slice(0, 2)))).toEqual([hash.slice(2)]);
  });

  test.each(["..", "../../etc/passwd", "", "A".repeat(64), `${"a".repeat(63)}/`])("refuses the name %j", (name) => {
    expect(() => store.blobs.pathOf(name)).toThrow(/not a blob hash/);
  });
});

describe("frames", () => {
  const info = (step: number, tap = false) => ({ step, tap, format: "webp" as const, shape: [1, 1] });
  const bytes = (n: number) => ({
    image: new Uint8Array(100).fill(n),
    values: new Uint8Array(new Float32Array([n]).buffer),
  });

  test("come back as they were stored", async () => {
    addRun(store, { id: "r" });
    store.frames.add("r", 1, info(0), bytes(1));
    store.frames.add("r", 2, info(0), bytes(2));
    const frame = store.frames.get("r", 2);
    expect(await frame?.read("image")).toEqual(bytes(2).image);
    expect(await frame?.read("values")).toEqual(bytes(2).values);
    expect(store.frames.get("r", 3)).toBeUndefined();
  });

  test("over the budget, steps are thinned evenly and both ends stay", () => {
    addRun(store, { id: "r" });
    for (let step = 0; step < 200; step++) store.frames.add("r", step + 1, info(step), bytes(1));
    const steps = store.frames.kept("r").map((frame) => frame.step);
    expect(steps.length * 104).toBeLessThanOrEqual(4000);
    expect(steps.length * 104).toBeGreaterThan(2000);
    expect(steps[0]).toBe(0);
    expect(steps.at(-1)).toBe(199);
    const gaps = steps.slice(1).map((step, index) => step - (steps[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(16);
    expect(readdirSync(join(home, "frames", "r"))).toHaveLength(steps.length);
  });

  test("what is thinned is told", () => {
    addRun(store, { id: "r" });
    const told = Array.from({ length: 60 }, (_, step) => store.frames.add("r", step + 1, info(step), bytes(1))).flat();
    const gone = told.flatMap(({ steps }) => steps);
    const kept = store.frames.kept("r").map(({ step }) => step);
    expect([...gone, ...kept].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, step) => step));
    expect(told.reduce((sum, { bytes: removed }) => sum + removed, 0)).toBe(gone.length * 104);
  });

  test("a picture that was kept is stored once, and outlives the step it came with", async () => {
    addRun(store, { id: "r" });
    let seq = 0;
    for (let step = 0; step < 100; step++) {
      // From step 10 on there is another teacher.
      const hash = step < 10 ? "first" : "second";
      const isNew = step === 0 || step === 10;
      store.frames.add("r", ++seq, { ...info(step), hash }, isNew ? bytes(step) : null);
      store.frames.add("r", ++seq, info(step), bytes(99));
    }
    const kept = store.frames.kept("r");
    expect(new Set(kept.map(({ step }) => step)).size).toBeGreaterThan(15);
    const value = async (at: number) => {
      const frame = store.frames.get("r", at);
      return frame && new Float32Array((await frame.read("values")).slice().buffer)[0];
    };
    const last = kept.findLast(({ seq: number }) => number % 2 === 1);
    expect(await value(last?.seq ?? 0)).toBe(10);
    expect(await value(1)).toBe(0);
    const files = readdirSync(join(home, "frames", "r")).length;
    expect(files).toBeLessThanOrEqual(new Set(kept.map(({ step }) => step)).size + 1);
    // Another process finds the same state of things.
    store.frames.finish("r");
    for (let step = 100; step < 140; step++) {
      store.frames.add("r", ++seq, { ...info(step), hash: "second" }, null);
      store.frames.add("r", ++seq, info(step), bytes(99));
    }
    expect(await value(seq - 1)).toBe(10);
  });

  test("of all runs together the oldest give theirs up first, but for the ends", () => {
    store.close();
    store = openStore(home, 4000, 6000);
    for (const [run, createdAt] of [
      ["new", 30],
      ["old", 10],
      ["older-but-running", 5],
      ["middle", 20],
    ] as const) {
      addRun(store, { id: run, createdAt });
      for (let step = 0; step < 20; step++) store.frames.add(run, step + 1, info(step), bytes(1));
      store.runs.change(run, { status: run === "older-but-running" ? "running" : "done" });
    }
    const gone = store.frames.makeRoom();
    expect([...gone.keys()]).toEqual(["old", "middle"]);
    expect(store.frames.kept("old").map(({ step }) => step)).toEqual([0, 19]);
    expect(store.frames.kept("new")).toHaveLength(20);
    expect(store.frames.kept("older-but-running")).toHaveLength(20);
    expect(gone.get("old")?.[0]?.steps).toHaveLength(18);
  });

  test("taps go before what a viewer shows", () => {
    const files = new Map([
      ["a", { step: 0, tap: false }],
      ["b", { step: 1, tap: false }],
      ["c", { step: 2, tap: false }],
      ["x", { step: 0, tap: true }],
      ["y", { step: 50, tap: true }],
      ["z", { step: 90, tap: true }],
    ]);
    expect(nextToDrop(files)).toBe("y");
    files.delete("y");
    expect(nextToDrop(files)).toBe("b");
  });
});

test("what came within one millisecond stays in its order", () => {
  for (const id of ["b", "c", "a"]) addRun(store, { id });
  expect(store.runs.list({ limit: 2 }).map(({ id }) => id)).toEqual(["a", "c"]);
  expect(store.runs.list({ limit: 2, before: "c" }).map(({ id }) => id)).toEqual(["b"]);
  expect(store.runs.unfinished().map(({ record }) => record.id)).toEqual(["b", "c", "a"]);
  const artifact = { bytes: 1, mime: "text/plain", createdAt: 1, hash: "h" };
  for (const name of ["student.onnx", "student.json"]) store.runs.addArtifact("b", { ...artifact, name });
  expect(store.runs.artifacts("b").map(({ name }) => name)).toEqual(["student.onnx", "student.json"]);
});

test("runs are found by words, tag, star and graph, page by page", () => {
  for (let i = 0; i < 30; i++)
    addRun(store, { id: `r${String(i).padStart(2, "0")}`, createdAt: 100 + (i >> 1), label: `rate 0.${i}` });
  const ids = (filter: Partial<RunFilter>) => store.runs.list({ limit: 1000, ...filter }).map(({ id }) => id);
  const all = ids({});
  const pages: string[] = [];
  for (let page = ids({ limit: 7 }); page.length > 0; page = ids({ limit: 7, before: page.at(-1) }))
    pages.push(...page);
  expect(pages).toEqual(all);
  store.runs.mark("r07", { notes: "100% of the way", tags: ["paper", "paper", "a_b"], starred: true });
  expect(store.runs.get("r07")).toMatchObject({ tags: ["paper", "a_b"], starred: true, label: "rate 0.7" });
  expect(ids({ search: "WAY 0.7" })).toEqual(["r07"]);
  expect(ids({ search: "100%" })).toEqual(["r07"]);
  expect(ids({ search: "a_b" })).toEqual(["r07"]);
  expect(ids({ search: "aXb" })).toEqual([]);
  expect(ids({ tag: "paper", starred: "true", graphName: "g" })).toEqual(["r07"]);
  expect(ids({ status: "done" })).toEqual([]);
  expect(store.runs.facets()).toEqual({
    graphs: [{ name: "g", count: 30 }],
    tags: [
      { name: "a_b", count: 1 },
      { name: "paper", count: 1 },
    ],
  });
});
