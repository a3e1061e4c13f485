import { add, floor, gather, mul, sub } from "@distillery/shared/onnx/ops";
import { nodesAround, timeAt } from "../offGrid";
import { membersBelow, mergedSet } from "../windows";
import { asIndex, atNode, drawBelow, type TargetRule, tableOf, targetLabel } from "./rule";

export interface SetParams {
  readonly eta: number;
  readonly stepsFrom: number;
  readonly stepsTo: number;
  readonly reach: number;
  readonly shrink: number;
}

/**
 * TDD: q uniform among the merged schedules' timesteps inside [ub - reach, ub], ub the largest one <= t; then
 * s = floor((1 - shrink U) q), a raw timestep that may lie between solver nodes.
 */
export const set: TargetRule<SetParams> = (x, { eta, stepsFrom, stepsTo, reach, shrink }, context) => {
  const { schedule, label, node } = x.t;
  if (stepsTo < stepsFrom) {
    context.fail(
      `the schedules have ${stepsFrom} up to ${stepsTo} steps, which is fewer. Swap the two.`,
      undefined,
      "time-range",
    );
  }
  const members = mergedSet(schedule, eta, stepsFrom, stepsTo);
  const below = (t: number) => membersBelow(members, t, reach);
  const first = atNode(
    x,
    tableOf(x, (t) => below(t).first),
  );
  const count = atNode(
    x,
    tableOf(x, (t) => below(t).count),
  );
  const chosen = asIndex(add(first, drawBelow(count, "target", context)));
  const q = gather(node.graph.constant(members, [members.length]), chosen);
  const u = context.random("shrink", { kind: "uniform", low: 0, high: 1 }, node.shape);
  const s = floor(mul(sub(1, mul(u, shrink)), q));
  const { first: lowest, count: most } = below(schedule.timestepOf(label.max));
  const { above } = nodesAround(schedule, members[lowest + most - 1] as number);
  return timeAt(schedule, asIndex(s), targetLabel(x, 0, above, context));
};
