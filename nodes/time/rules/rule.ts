/** What the rules of the target time share; each file beside this one is one of them. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { StateValue, TimeLabel, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { cast, floor, gather, max, min, mul, sub } from "@distillery/shared/onnx/ops";
import { ownLabel } from "../labels";

/** The target time of the teacher's stepped state `x`; never later than it. */
export type TargetRule<P> = (x: StateValue, params: P, context: StageContext) => TimeValue;

/** A time of the target node, between solver nodes `min` and `max` and not after the state itself. */
export const targetLabel = (x: StateValue, min: number, max: number, context: StageContext): TimeLabel =>
  ownLabel(context.nodeId, `the target time of "${context.title}"`, min, max, [x.t.label]);

/** A whole number drawn uniformly from 0 .. count - 1 per sample, for a count of at least 1; float32 [B]. */
export function drawBelow(count: Tensor, name: string, context: StageContext): Tensor {
  const u = context.random(name, { kind: "uniform", low: 0, high: 1 }, count.shape);
  // Rounding can bring u * count up to count itself.
  return max(min(floor(mul(u, count)), sub(count, 1)), 0);
}

/** The entry of a table that belongs to each sample's solver node, float32 [B]. */
export const atNode = ({ t }: StateValue, table: readonly number[]): Tensor =>
  gather(t.node.graph.constant(table, [table.length]), t.node);

export const asIndex = (value: Tensor): Tensor => cast(value, "int64");

/** `of(timestep)` for solver nodes 0..N. */
export const tableOf = ({ t: { schedule } }: StateValue, of: (timestep: number) => number): number[] =>
  Array.from({ length: schedule.nodes + 1 }, (_, node) => of(schedule.timestepOf(node)));
