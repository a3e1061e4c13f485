import { atTimesteps } from "@distillery/shared/graph/timesteps";
import type { TimeValue } from "@distillery/shared/graph/wires";
import { add, cast, div, floor, greater, max, mul, sqrt, square, sub, where } from "@distillery/shared/onnx/ops";
import { coefficients, perSample, stateAt } from "../schedule/prediction";
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
    const s: TimeValue = { node: timestep, schedule: atTimesteps(p.schedule), label: p.label };
    const landed = stateAt(s, prediction);
    const kept = div(coefficients(p, x.x).alpha, coefficients(s, x.x).alpha);
    const travelled = add(mul(kept, landed), mul(sqrt(max(sub(1, square(kept)), 0)), noise(x)));
    const isOnTheWay = greater(perSample(goal, x.x), 0);
    return { x: { x: where(isOnTheWay, travelled, landed), t: p }, prediction, carry: {} };
  },
});
