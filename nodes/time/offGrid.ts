/** Times between solver nodes: raw timesteps 0..T-1 of the same schedule. */
import type { StageContext } from "@distillery/shared/graph/node";
import { atTimesteps } from "@distillery/shared/graph/timesteps";
import type { ScheduleValue, TimeLabel, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { describeTime } from "./labels";

/** The time at raw timestep `timestep` (int64 [B]); the label's bounds are the solver nodes around it. */
export const timeAt = (schedule: ScheduleValue, timestep: Tensor, label: TimeLabel): TimeValue => ({
  schedule: atTimesteps(schedule),
  node: timestep,
  label,
});

/** The lowest solver node that is not before (cleaner than) raw timestep `timestep`. */
export function nodeNotBefore(schedule: ScheduleValue, timestep: number): number {
  const grid = schedule.solverGrid ?? schedule;
  let node = 0;
  while (node < grid.nodes && grid.timestepOf(node) < timestep) node++;
  return node;
}

/** The latest raw timestep that a time can be at. */
export const latestTimestep = ({ schedule, label }: TimeValue): number =>
  (schedule.solverGrid ?? schedule).timestepOf(label.max);

/** Refuses a state between solver nodes where steps of the grid are counted. */
export function requireOnGrid(context: StageContext, t: TimeValue, socket?: string): void {
  if (t.schedule.solverGrid === undefined) return;
  context.fail(
    `steps are counted in solver nodes, but the state is at ${describeTime(t.label)}, between two of them. ` +
      "Take a state from before the jump or the noise.",
    socket,
    "off-grid",
  );
}
