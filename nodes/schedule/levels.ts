/** Noise levels along a schedule, at places 0..T-1 that need not be whole: timesteps, in rectified flow the levels before the shift. */
import type { TimePoint } from "@distillery/shared/graph/points";
import { timestepPoints } from "@distillery/shared/graph/timesteps";
import type { ScheduleValue } from "@distillery/shared/graph/wires";
import { flowPoint, shifted, unshifted } from "./flow";
import { noiseRatios, pointAt, ratioAt, timestepAt } from "./ratios";

export interface Levels {
  /** Place of a solver node. */
  placeOf(node: number): number;
  /** Lowest place of linspace spacing. */
  readonly lowest: number;
  /** The point at a place. */
  between(place: number): TimePoint;
  /** The point that networks know as this timestep. */
  at(timestep: number): TimePoint;
  /** What Karras' and exponential curves run over: sigma / alpha, in rectified flow sigma itself. */
  sigmaAt(place: number): number;
  ofSigma(sigma: number, whole: boolean): TimePoint;
}

export const levelsOf = (schedule: ScheduleValue): Levels =>
  schedule.flow === undefined ? tableLevels(schedule) : flowLevels(schedule, schedule.flow);

function tableLevels(schedule: ScheduleValue): Levels {
  const table = timestepPoints(schedule);
  const ratios = noiseRatios(schedule);
  const sigmaAt = (place: number) => ratioAt(place, ratios);
  const between = (place: number) =>
    Number.isInteger(place) ? (table[place] as TimePoint) : pointAt(sigmaAt(place), place);
  return {
    placeOf: (node) => schedule.timestepOf(node),
    lowest: 0,
    between,
    at: between,
    sigmaAt,
    ofSigma(sigma, whole) {
      const t = timestepAt(sigma, ratios);
      return pointAt(sigma, whole ? roundHalfEven(t) : t);
    },
  };
}

/** Place i is the level (i + 1) / T before the shift. */
function flowLevels(schedule: ScheduleValue, { shift, lowest }: NonNullable<ScheduleValue["flow"]>): Levels {
  const { timesteps } = schedule;
  const sigmaAt = (place: number) => shifted((place + 1) / timesteps, shift);
  return {
    placeOf: (node) => Math.round(unshifted(schedule.levelOf(node).sigma, shift) * timesteps) - 1,
    lowest: lowest * timesteps - 1,
    between: (place) => flowPoint(sigmaAt(place), timesteps),
    at: (timestep) => flowPoint(timestep / timesteps, timesteps),
    sigmaAt,
    ofSigma: (sigma) => flowPoint(sigma, timesteps),
  };
}

/** To the nearest whole number, halves to the even one, as numpy rounds. */
export function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}
