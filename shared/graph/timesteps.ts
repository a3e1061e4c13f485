import { gather } from "../onnx/ops";
import type { ScheduleValue, TimeValue } from "./wires";

/** The latest raw timestep that a time can be at. */
export const latestTimestep = ({ schedule, label }: TimeValue): number =>
  (schedule.solverGrid ?? schedule).timestepOf(label.max);

/** The same schedule indexed by raw timestep 0..T-1 instead of solver node, for times that lie between nodes. */
export function atTimesteps(schedule: ScheduleValue): ScheduleValue {
  if (schedule.solverGrid !== undefined) return schedule;
  const table = (values: readonly number[]) => (t: TimeValue) =>
    gather(t.node.graph.constant(values, [values.length]), t.node);
  const abar = Array.from(schedule.alphasCumprod);
  return {
    ...schedule,
    nodes: schedule.timesteps - 1,
    solverGrid: schedule,
    timestepOf: (node) => node,
    alpha: table(abar.map(Math.sqrt)),
    sigma: table(abar.map((value) => Math.sqrt(1 - value))),
    timestep: table(abar.map((_, t) => t)),
  };
}
