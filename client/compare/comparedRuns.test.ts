import { library } from "@distillery/nodes/library";
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import { expect, test } from "vitest";
import { RunLog } from "../run/runLog";
import { detail } from "../run/testing";
import { runsCsv } from "./compareCsv";
import { compared, differingSettings, groupRuns } from "./comparedRuns";
import { metricColumns, metricRows } from "./metricTable";

const graph = (params: Params, seed: number): GraphDocument => ({
  ...emptyDocument("test"),
  seed,
  nodes: [{ id: "trainer", type: "train/trainer", params, position: { x: 0, y: 0 } }],
});
const run = (id: string, params: Params, seed: number, metrics: Record<string, number> = {}) => ({
  detail: detail({ id, label: `rate, seed ${seed}`, seed, metrics, graph: graph(params, seed) }),
  log: new RunLog(id),
});
/** A default that is written out is no difference. */
const DEFAULT_STEPS = library.get("train/trainer")?.params.parse({}).steps;
const runs = compared([
  run("a", { learningRate: 1e-3 }, 1, { lossLast: 2, trajectoryErrorAfter: 0.3 }),
  run("b", { learningRate: 1e-3, steps: Number(DEFAULT_STEPS) }, 2, { lossLast: 4, trajectoryErrorAfter: 0.5 }),
  run("c", { learningRate: 1e-2 }, 1, { lossLast: 1, lossFirst: 9 }),
]);

test("runs that differ only by seed are one group, with mean and deviation", () => {
  const groups = groupRuns(runs, library, true);
  expect(groups.map(({ letters, title }) => [letters, title])).toEqual([
    ["A B", "rate"],
    ["C", "rate, seed 1"],
  ]);
  expect(groupRuns(runs, library, false)).toHaveLength(3);
  const columns = metricColumns(groups);
  expect(columns.map(({ id, better }) => [id, better])).toEqual([
    ["trajectoryErrorAfter", "lower"],
    ["lossLast", "lower"],
    ["lossFirst", null],
  ]);
  const [first] = metricRows(groups, columns);
  expect(first?.values.lossLast).toEqual({ mean: 3, spread: Math.SQRT2, count: 2 });
  expect(first?.values.lossFirst).toBeUndefined();
});

test("only what differs is listed, and the CSV has it", () => {
  const differing = differingSettings(runs, library);
  expect(differing.map(({ key, values }) => [key, values])).toEqual([
    ["run:seed", ["1", "2", "1"]],
    ["trainer.learningRate", ["0.001", "0.001", "0.01"]],
  ]);
  const lines = runsCsv(runs, differing, 0).trim().split("\r\n");
  expect(lines[0]).toBe(
    "run,name,graph,status,seed,device,step,seconds,trainer.learningRate,lossLast,trajectoryErrorAfter,lossFirst",
  );
  expect(lines).toHaveLength(4);
});
