import { atTime, call, indexed, row, word } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, concat, floor, greater, min, mul, slice, sub, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { perSample } from "../schedule/prediction";
import { describeTime, ownLabel } from "../time/labels";
import { ddimSolver } from "./ddim";
import { drawnGuidanceParams, guided } from "./guidance";

/**
 * A state somewhere on the teacher's path from a fixed start, found by integrating that path anew in every step: what
 * single-trajectory training costs without a bank (methods 5.4).
 *
 * How many steps a row walks is stratified over the batch: row r of B draws from the r-th part of the range, deepest
 * first, so every solver step works on a shrinking front of the batch and the cost is the mean depth, not the largest.
 */
export const walk = defineNode({
  type: "solver/walk",
  version: 1,
  title: "Walk from the start",
  family: "solver",
  help:
    "Integrates the teacher's path from the start to a random node, anew for every training step: on-trajectory states " +
    "without a trajectory bank. Costs many teacher evaluations per step; the bank gives the same states for one.",
  formula: "x_n = Ψ(…Ψ(x_start)),  n ~ U{lowest .. start}, stratified over the batch",
  source: "STD (single trajectory without bank); methods 5.4",
  inputs: {
    weights: wire.weights.frozen().describe("The teacher."),
    x: wire.state.describe("Fresh starts, all at one node."),
    condition: wire.condition.optional(),
  },
  outputs: { x: wire.state.describe("States on the teacher's path.") },
  params: z.object({
    lowest: z.number().int().min(1).max(10_000).default(3).meta({
      title: "Lowest node",
      description: "Paths are trained down to this solver node: one above the node where a bank retires them.",
    }),
    ...drawnGuidanceParams,
  }),
  terms(inputs, { lowest }, { time, define }) {
    const x = inputs.get("x");
    const t = time("t");
    const state = atTime(x?.expr ?? word("x"), t);
    const start = x?.time ?? "τ";
    define(t, "∼", row(`U{${lowest} … `, start, "}"));
    define(
      state,
      "=",
      call(
        indexed("Φ", inputs.get("weights")?.expr ?? "φ"),
        x?.expr ?? "x",
        row(start, " → ", t),
        inputs.get("condition")?.expr,
      ),
    );
    return { x: { expr: state, time: t } };
  },
  emit({ weights, x, condition }, params, context) {
    const { schedule, label } = x.t;
    if (label.min !== label.max) {
      context.fail(
        `all walks begin at one node, but the state is at ${describeTime(label)}. Wire in a Start whose time is fixed.`,
        "x",
      );
    }
    const start = label.max;
    const longest = start - params.lowest;
    if (longest < 1) {
      context.fail(
        `the start is solver node ${start}, the lowest node ${params.lowest}; there is nothing to walk. Start higher or walk lower.`,
        "x",
      );
    }
    const { batch } = context;
    const depth = drawDepths(longest, context);
    const predict = guided(weights, condition, params, context);
    let states = x.x;
    for (let done = 0; done < longest; done++) {
      const front = walking(done, longest, batch);
      const at = (node: number): TimeValue => ({
        schedule,
        node: x.x.graph.constant(Array<number>(front).fill(node), [front], "int64"),
        label: ownLabel(context.nodeId, `step ${done + 1} of "${context.title}"`, node, node),
      });
      const moving: StateValue = { x: rows(states, 0, front), t: at(start - done) };
      const stepped = ddimSolver.step(predict, moving, at(start - done - 1), {}).x.x;
      // Rows of this stratum that have arrived stay where they are.
      const goesOn = perSample(greater(rows(depth, 0, front), done), stepped);
      const moved = where(goesOn, stepped, moving.x);
      states = front === batch ? moved : concat([moved, rows(states, front, batch)], { axis: 0 });
    }
    const own = ownLabel(context.nodeId, `the time of "${context.title}"`, params.lowest, start);
    return { x: { x: states, t: { schedule, node: cast(sub(start, depth), "int64"), label: own } } };
  },
});

const rows = (tensor: Tensor, from: number, to: number): Tensor =>
  slice(tensor, { starts: [from], ends: [to], axes: [0] });

/** Steps row r walks, float32 [B]: uniform over 0..longest taken over all rows, the deepest stratum first. */
function drawDepths(longest: number, context: StageContext): Tensor {
  const { batch, graph } = context;
  const perRow = (of: (row: number) => number) =>
    graph.constant(
      Array.from({ length: batch }, (_, row) => of(row)),
      [batch],
    );
  const place = context.random("depth", { kind: "uniform", low: 0, high: 1 }, [batch]);
  const share = add(
    perRow((row) => (batch - 1 - row) / batch),
    mul(place, 1 / batch),
  );
  // Rounding can lift a draw onto the upper end of its stratum.
  return min(
    floor(mul(share, longest + 1)),
    perRow((row) => furthest(row, longest, batch)),
  );
}

/** The most steps row r may have to walk: the largest whole number below the upper end of its stratum. */
const furthest = (row: number, longest: number, batch: number): number =>
  Math.ceil(((batch - row) / batch) * (longest + 1) - 1e-9) - 1;

/** How many leading rows may still have to move after `done` steps; at least one, so that shapes stay non-empty. */
export function walking(done: number, longest: number, batch: number): number {
  let front = 1;
  while (front < batch && furthest(front, longest, batch) > done) front++;
  return front;
}
