import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FrameInfo } from "@distillery/shared/protocol/events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore, type Store } from "../store/store";
import { addRun } from "../testing/runs";
import { EventLog } from "./eventLog";

let home: string;
let store: Store;
let log: EventLog;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "distillery-log-"));
  store = openStore(home, 4000, 5000);
  log = new EventLog(store);
});
afterEach(() => {
  log.close();
  store.close();
  rmSync(home, { recursive: true, force: true });
});

const info = (step: number, hash: string): FrameInfo => ({
  step,
  node: "viewer",
  socket: "teacher",
  row: 0,
  column: 0,
  t: 0,
  shape: [1],
  stats: { min: 0, max: 0, mean: 0, std: 0, nan: 0, inf: 0 },
  format: "webp",
  hash,
});
const bytes = (size: number) => ({ image: new Uint8Array(size), values: new Uint8Array(4) });

test("a picture that repeats is kept by reference, and live viewers are not sent it again", async () => {
  addRun(store, { id: "r" });
  const sent: number[] = [];
  log.listen({ frame: (_run, seq) => sent.push(seq) });
  log.appendFrame("r", info(0, "a"), bytes(50));
  log.appendFrame("r", info(10, "a"), null);
  log.flush();
  expect(sent).toEqual([1]);
  expect((await store.frames.get("r", 2)?.read("image"))?.byteLength).toBe(50);
  expect(log.read("r", 0, 10).map((event) => event.type === "frame" && event.hash)).toEqual(["a", "a"]);
});

test("what has to go for the budgets is told in the log of the run that loses it", () => {
  for (const [run, age] of [
    ["old", 1],
    ["new", 2],
  ] as const) {
    addRun(store, { id: run, createdAt: age });
    for (let step = 0; step < 40; step++) log.appendFrame(run, info(step, `${run}${step}`), bytes(130));
    log.flush();
    log.append(run, [], { status: "done" });
    log.finish(run);
  }
  const told = (run: string) => log.read(run, 0, 1000).flatMap((event) => (event.type === "thinned" ? [event] : []));
  expect(told("new").map(({ scope }) => scope)).toEqual(["run"]);
  // Both together are beyond the limit of all: the older run gives up what lies between its ends.
  expect(told("old").map(({ scope }) => scope)).toEqual(["run", "all"]);
  const steps = (run: string) => store.frames.kept(run).map(({ step }) => step);
  expect(steps("old")).toEqual([0, 39]);
  expect(steps("new").length).toBeGreaterThan(10);
  const gone = told("old").flatMap((event) => event.steps);
  expect([...gone, ...steps("old")].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, step) => step));
});
