import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyDocument } from "@distillery/shared/graph/document";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type ProcessOptions, StylizeProcess } from "./process";
import type { StylizeJob } from "./protocol";

/** A worker that takes as many milliseconds as the picture's first byte says; 255 ends it, 254 it never answers. */
const WORKER = `
process.on("message", ({ id, picture }) => {
  if (picture[0] === 255) process.exit(3);
  if (picture[0] === 254) return;
  const result = { source: "by " + process.pid, teacher: null, student: null };
  setTimeout(() => process.send({ type: "done", id, result }), picture[0]);
});
process.send({ type: "ready" });
`;
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distillery-process-"));
  file = join(folder, "worker.mjs");
  writeFileSync(file, WORKER);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let stylizing: StylizeProcess;
afterEach(() => stylizing.close());
const start = (options: Partial<ProcessOptions> = {}) => {
  stylizing = new StylizeProcess({ file, ...options });
  return stylizing;
};
const job = (milliseconds: number): Omit<StylizeJob, "id"> => ({
  document: emptyDocument(),
  picture: Uint8Array.of(milliseconds),
  size: [1, 1],
  registry: { datasetFolder: "", datasets: [], models: [], results: [] },
});

test("one process takes one request after another", async () => {
  const stylize = start();
  const order: number[] = [];
  const results = await Promise.all(
    [30, 1, 10].map(async (milliseconds) => {
      const { source } = await stylize.run(job(milliseconds));
      order.push(milliseconds);
      return source;
    }),
  );
  expect(new Set(results)).toEqual(new Set([`by ${stylize.pid}`]));
  expect(order).toEqual([30, 1, 10]);
});

test("ends when nobody asks for a while, and begins again", async () => {
  const stylize = start({ idle: 20 });
  const first = (await stylize.run(job(1))).source;
  while (stylize.pid !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await stylize.run(job(1))).source).not.toBe(first);
});

test("a process that ends costs its own request only", async () => {
  const stylize = start();
  const [lost, next] = [stylize.run(job(255)), stylize.run(job(1))];
  await expect(lost).rejects.toThrow(/ended unexpectedly \(exit status 3\)/);
  expect((await next).source).toBe(`by ${stylize.pid}`);
});

test("a request that takes too long is given up, and the next one works", async () => {
  const stylize = start({ limit: 500 });
  const [slow, next] = [stylize.run(job(254)), stylize.run(job(0))];
  await expect(slow).rejects.toThrow(/longer than 0.5 s/);
  expect((await next).source).toBe(`by ${stylize.pid}`);
});

test("whoever went away, and whoever finds the queue full, is not served", async () => {
  const stylize = start();
  const gone = new AbortController();
  const first = stylize.run(job(20));
  const second = stylize.run(job(1), gone.signal);
  gone.abort();
  const others = Array.from({ length: 15 }, () => stylize.run(job(0)));
  await expect(stylize.run(job(1))).rejects.toThrow(/Too many pictures are waiting/);
  await expect(second).rejects.toThrow(/given up/);
  await Promise.all([first, ...others]);
});

test("closing refuses what still waits", async () => {
  const stylize = start();
  const both = [stylize.run(job(200)), stylize.run(job(1))].map((each) => expect(each).rejects.toThrow(/closing/));
  stylize.close();
  await Promise.all(both);
  await expect(stylize.run(job(1))).rejects.toThrow(/closing/);
});
