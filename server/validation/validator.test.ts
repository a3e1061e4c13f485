import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { library } from "@distillery/nodes/library";
import { expect, test } from "vitest";
import { VALIDATION_FILE } from "../paths";
import { tinyGraph } from "../testing/graphs";
import { Validator } from "./validator";

const NOTHING = { datasets: [], models: [] };
const large = (count: number, type = "schedule/vp") => ({
  ...tinyGraph(),
  edges: [],
  nodes: Array.from({ length: count }, (_, i) => ({ id: `n${i}`, type, params: {}, position: { x: 0, y: 0 } })),
});

test("a small graph is checked without a thread", async () => {
  const validator = new Validator(library, "/nowhere.js");
  expect(await validator.check(tinyGraph(), NOTHING)).toMatchObject({ document: { name: "Tiny" }, steps: 40 });
  expect((await validator.check(17, NOTHING)).issues).toHaveLength(1);
});

test("a large graph is checked in a thread, with the same findings, while the event loop goes on", async () => {
  const validator = new Validator(library, VALIDATION_FILE);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const { document, issues } = await validator.check(large(4000, "solver/ddim"), NOTHING);
  delay.disable();
  expect(document?.nodes).toHaveLength(4000);
  expect(issues[0]).toMatchObject({ node: "n0", socket: "weights", code: "missing-input" });
  expect(issues.at(-1)?.code).toBe("more-issues");
  expect(delay.max / 1e6).toBeLessThan(150);
});

test("a thread that cannot start is an error, and the next graph is checked all the same", async () => {
  const broken = new Validator(library, join(import.meta.dirname, "no-such-thread.js"));
  await expect(broken.check(large(301), NOTHING)).rejects.toThrow();
  expect((await broken.check(tinyGraph(), NOTHING)).steps).toBe(40);
});
