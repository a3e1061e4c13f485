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

/** The solver nodes around raw timestep `timestep`: the same one twice where it is a node. */
export function nodesAround(schedule: ScheduleValue, timestep: number): { below: number; above: number } {
  const grid = schedule.solverGrid ?? schedule;
  let above = 0;
  while (above < grid.nodes && grid.timestepOf(above) < timestep) above++;
  return { below: grid.timestepOf(above) > timestep ? above - 1 : above, above };
}

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
