import { atPoints, type TimePoint } from "./points";
import type { ScheduleValue, TimeValue } from "./wires";

/** The latest raw timestep that a time can be at. */
export const latestTimestep = ({ schedule, label }: TimeValue): number =>
  (schedule.solverGrid ?? schedule).timestepOf(label.max);

/** The same schedule indexed by raw timestep instead of solver node, for times that lie between nodes. */
export const atTimesteps = (schedule: ScheduleValue): ScheduleValue =>
  schedule.solverGrid !== undefined
    ? schedule
    : { ...atPoints(schedule, timestepPoints(schedule), schedule.id), solverGrid: schedule };

/** Every whole timestep, from the clean end up; in rectified flow T itself is one, too. */
export const timestepPoints = ({ alphasCumprod, timesteps, space }: ScheduleValue): TimePoint[] =>
  space === "rf"
    ? Array.from({ length: timesteps + 1 }, (_, timestep) => {
        const sigma = timestep / timesteps;
        return { timestep, alpha: 1 - sigma, sigma };
      })
    : Array.from(alphasCumprod, (abar, timestep) => ({
        timestep,
        alpha: Math.sqrt(abar),
        sigma: Math.sqrt(1 - abar),
      }));
