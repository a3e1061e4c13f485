import { add, cast, floor, greater, mul, where } from "@distillery/shared/onnx/ops";
import { perSample, stateAt } from "../schedule/prediction";
import { noiseTravel } from "../time/noiseTravel";
import { timeAt } from "../time/offGrid";
import { nothingCarried, type Solver } from "./solver";

/**
 * Strategic stochastic sampling (Zheng et al. 2024, TCD, algorithm 4) towards the next time p of the path: a jump to the
 * timestep s = floor((1 - gamma) p), which may lie between solver nodes, and fresh noise back up from s to p,
 * x_s = sqrt(abar_s) predX0 + sqrt(1 - abar_s) eps,  x_p = sqrt(abar_p / abar_s) x_s + sqrt(1 - abar_p / abar_s) z.
 * gamma 0 is the deterministic DDIM path; at gamma 1 all noise is fresh. The last step, to timestep 0, adds none.
 */
export const tcdSolver = (gamma: number): Solver => ({
  title: "TCD",
  evaluationsPerStep: 1,
  carry: nothingCarried,
  step(predict, x, p, _carry, noise) {
    const prediction = predict(x);
    if (gamma === 0) return { x: { x: stateAt(p, prediction), t: p }, prediction, carry: {} };
    const goal = p.schedule.timestep(p);
    // A hair up: 0.7 * 250 must not become 174.
    const timestep = cast(floor(add(mul(goal, 1 - gamma), 1e-4)), "int64");
    const s = timeAt(p.schedule, timestep, p.label);
    const landed = { x: stateAt(s, prediction), t: s };
    const travelled = noiseTravel(landed, p, noise(x));
    const isOnTheWay = greater(perSample(goal, x.x), 0);
    return { x: { x: where(isOnTheWay, travelled.x, landed.x), t: p }, prediction, carry: {} };
  },
});
