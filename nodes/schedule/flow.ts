/** Rectified flow (Liu et al. 2023): x = (1 - sigma) x0 + sigma eps, sigma from 0 to 1, networks take T sigma as time. */
import { atPoints, type TimePoint } from "@distillery/shared/graph/points";
import type { PredictionType, ScheduleValue } from "@distillery/shared/graph/wires";
import { timestepOfNode } from "./tables";

/** sigma' = shift sigma / (1 + (shift - 1) sigma): more steps at high noise (Esser et al. 2024, eq. 23). */
export const shifted = (sigma: number, shift: number): number => (shift * sigma) / (1 + (shift - 1) * sigma);

/** The sigma that is shifted to `sigma`. */
export const unshifted = (sigma: number, shift: number): number => sigma / (shift - (shift - 1) * sigma);

export const flowPoint = (sigma: number, timesteps: number): TimePoint => ({
  timestep: timesteps * sigma,
  alpha: 1 - sigma,
  sigma,
});

/** abar of the variance-preserving state with the same signal-to-noise ratio. */
const abarOf = ({ alpha, sigma }: TimePoint): number => alpha ** 2 / (alpha ** 2 + sigma ** 2);

/** Solver node n is at the shifted (i + 1) / T, i = 0 for node 0 and n T / N - 1 for the others, as in PCM's grid for SD3. */
export function flowSchedule(options: {
  id: string;
  predictionType: PredictionType;
  timesteps: number;
  nodes: number;
  shift: number;
  /** The lowest level of linspace spacing, before its shift. */
  lowest: number;
}): ScheduleValue {
  const { id, predictionType, timesteps, nodes, shift, lowest } = options;
  const points = Array.from({ length: nodes + 1 }, (_, node) =>
    flowPoint(shifted((timestepOfNode(node, timesteps, nodes) + 1) / timesteps, shift), timesteps),
  );
  const base = {
    id,
    space: "rf",
    predictionType,
    timesteps,
    flow: { shift, lowest },
    alphasCumprod: Float32Array.from({ length: timesteps }, (_, t) => abarOf(flowPoint(t / timesteps, timesteps))),
  } as const;
  return atPoints(base, points, id);
}
