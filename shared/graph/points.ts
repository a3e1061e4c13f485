import { gather } from "../onnx/ops";
import type { ScheduleValue, TimeValue } from "./wires";

/** A time of a noise schedule that need not be one of its solver nodes. */
export interface TimePoint {
  /** What networks take as time; may lie between whole timesteps. */
  readonly timestep: number;
  readonly alpha: number;
  readonly sigma: number;
}

/** The point of solver node `node`. */
export const pointOf = (schedule: ScheduleValue, node: number): TimePoint => ({
  timestep: schedule.timestepOf(node),
  ...schedule.levelOf(node),
});

/** What a schedule is apart from its solver nodes. */
type ScheduleBase = Pick<ScheduleValue, "space" | "predictionType" | "timesteps" | "alphasCumprod" | "flow">;

/** The same schedule with other solver nodes: node n is `points[n]`. They rise from the clean end. */
export function atPoints(schedule: ScheduleBase, points: readonly TimePoint[], id: string): ScheduleValue {
  const at = (node: number): TimePoint => {
    const point = points[node];
    if (point === undefined) throw new RangeError(`A path of ${points.length} times has no time ${node}.`);
    return point;
  };
  const table = (name: keyof TimePoint) => (t: TimeValue) =>
    gather(
      t.node.graph.constant(
        points.map((point) => point[name]),
        [points.length],
      ),
      t.node,
    );
  const { space, predictionType, timesteps, alphasCumprod, flow } = schedule;
  return {
    space,
    predictionType,
    timesteps,
    alphasCumprod,
    ...(flow === undefined ? {} : { flow }),
    id,
    nodes: points.length - 1,
    timestepOf: (node) => at(node).timestep,
    levelOf: at,
    alpha: table("alpha"),
    sigma: table("sigma"),
    timestep: table("timestep"),
  };
}
