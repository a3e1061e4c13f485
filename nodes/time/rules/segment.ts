import { add, sub } from "@distillery/shared/onnx/ops";
import { nodesAround, timeAt } from "../offGrid";
import { segmentStart } from "../windows";
import { asIndex, atNode, drawBelow, type TargetRule, tableOf, targetLabel } from "./rule";

/**
 * Hyper-SD: s ~ U{t_b .. t}, t_b the first timestep of t's segment; a raw timestep that may lie between solver nodes.
 * The paper takes the segment of the student's state; where the teacher's step leaves that segment its range is empty, so
 * here it is the segment of the state stepped to, which is the same everywhere else.
 */
export const segment: TargetRule<{ phases: number }> = (x, { phases }, context) => {
  const { schedule, label } = x.t;
  const startOf = (t: number) => segmentStart(schedule.timesteps, phases, t);
  const from = atNode(x, tableOf(x, startOf));
  const span = sub(schedule.timestep(x.t), from);
  const s = add(from, drawBelow(add(span, 1), "target", context));
  const { below } = nodesAround(schedule, startOf(schedule.timestepOf(label.min)));
  return timeAt(schedule, asIndex(s), targetLabel(x, below, label.max, context));
};
