import { add, div, max, mul, sqrt, square, sub } from "@distillery/shared/onnx/ops";
import { nothingCarried, type Solver, varianceExploding } from "./solver";

/**
 * Euler down to sig_down and fresh noise back up to sig_s, in y = x / alpha (Katherine Crowson, k-diffusion):
 * sig_up = sqrt(sig_s^2 (sig_t^2 - sig_s^2) / sig_t^2), sig_down = sqrt(sig_s^2 - sig_up^2) = sig_s^2 / sig_t,
 * y_s = y + (sig_down - sig_t) (y - predX0) / sig_t + sig_up z.
 */
export const eulerAncestralSolver: Solver = {
  evaluationsPerStep: 1,
  spaces: ["vp"],
  carry: nothingCarried,
  step(predict, x, s, _carry, { noise }) {
    const prediction = predict(x);
    const from = varianceExploding(x.t, x.x);
    const to = varianceExploding(s, x.x);
    const down = div(square(to.sigma), from.sigma);
    const up = sqrt(max(sub(square(to.sigma), square(down)), 0));
    const y = div(x.x, from.alpha);
    const slope = div(sub(y, prediction.predX0), from.sigma);
    const next = add(add(y, mul(sub(down, from.sigma), slope)), mul(up, noise(x)));
    return { x: { x: mul(to.alpha, next), t: s }, prediction, carry: {} };
  },
};
