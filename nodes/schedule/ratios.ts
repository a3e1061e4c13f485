/** The noise-to-signal ratio sig = sigma / alpha along a schedule, at times that need not be whole (methods 1.4). */
import type { TimePoint } from "@distillery/shared/graph/points";
import { timestepPoints } from "@distillery/shared/graph/timesteps";
import type { ScheduleValue } from "@distillery/shared/graph/wires";

/** abar where a schedule of zero terminal SNR would have 0. */
const SMALLEST_ABAR = 2 ** -24;

/** sig of every whole timestep, rising. */
export const noiseRatios = (schedule: ScheduleValue): number[] =>
  timestepPoints(schedule).map(({ alpha }) => {
    const abar = Math.max(alpha ** 2, SMALLEST_ABAR);
    return Math.sqrt((1 - abar) / abar);
  });

/** sig at a real-valued timestep: linear between the table's entries. */
export function ratioAt(t: number, ratios: readonly number[]): number {
  const i = Math.min(Math.max(Math.floor(t), 0), ratios.length - 2);
  const [low, high] = [ratios[i] as number, ratios[i + 1] as number];
  return low + (t - i) * (high - low);
}

/** The real-valued timestep of a ratio: linear between the table's entries in ln sig. */
export function timestepAt(sigma: number, ratios: readonly number[]): number {
  const at = Math.log(sigma);
  const below = ratios.findLastIndex((ratio) => Math.log(ratio) <= at);
  const i = Math.min(Math.max(below, 0), ratios.length - 2);
  const [low, high] = [Math.log(ratios[i] as number), Math.log(ratios[i + 1] as number)];
  const share = Math.min(Math.max((low - at) / (low - high), 0), 1);
  return (1 - share) * i + share * (i + 1);
}

/** alpha = 1 / sqrt(1 + sig^2) and sigma = sig alpha, variance preserving. */
export function pointAt(sigma: number, timestep: number): TimePoint {
  const alpha = 1 / Math.sqrt(1 + sigma ** 2);
  return { timestep, alpha, sigma: sigma * alpha };
}
