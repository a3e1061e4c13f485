import { add, equal, mul, where } from "@distillery/shared/onnx/ops";
import { perSample, stateAt } from "../schedule/prediction";
import { boundaryScalings } from "../student/jump";
import { nothingCarried, type Solver } from "./solver";

/** LCM's sigma_data and timestep scaling. */
const SIGMA_DATA = 0.5;
const TIMESTEP_SCALING = 10;

/**
 * Multistep consistency sampling (Luo et al. 2023, LCM, algorithm 3): the clean sample d = c_skip(t) x + c_out(t) predX0, noised
 * anew to the next time p of the path, x_p = sqrt(abar_p) d + sqrt(1 - abar_p) z; the last step ends at d itself.
 */
export const lcmSolver: Solver = {
  evaluationsPerStep: 1,
  carry: nothingCarried,
  step(predict, x, p, _carry, { noise }) {
    const prediction = predict(x);
    const { cSkip, cOut } = boundaryScalings(x, SIGMA_DATA, TIMESTEP_SCALING);
    const clean = add(mul(cSkip, x.x), mul(cOut, prediction.predX0));
    const noised = stateAt(p, { predX0: clean, eps: noise(x) });
    const isLast = perSample(equal(p.node, 0), x.x);
    return { x: { x: where(isLast, clean, noised), t: p }, prediction, carry: {} };
  },
};
