import { add, div, max, mul, sqrt, square, sub } from "@distillery/shared/onnx/ops";
import { coefficients } from "../schedule/prediction";
import { ddimSolver } from "./ddim";
import { nothingCarried, type Solver } from "./solver";

/**
 * DDIM with noise (Song et al. 2021, eq. 12 and 16), towards the next time p of the path:
 * x_p = sqrt(abar_p) predX0 + sqrt(1 - abar_p - sd^2) eps + sd z,
 * sd = eta sqrt((1 - abar_p) / (1 - abar_t)) sqrt(1 - abar_t / abar_p).
 * eta 0 is the deterministic step, eta 1 ancestral sampling as in DDPM.
 */
export const ddimEtaSolver = (eta: number): Solver =>
  eta === 0
    ? ddimSolver
    : {
        evaluationsPerStep: 1,
        spaces: ["vp"],
        carry: nothingCarried,
        step(predict, x, p, _carry, { noise }) {
          const prediction = predict(x);
          const from = coefficients(x.t, x.x);
          const to = coefficients(p, x.x);
          const added = sqrt(max(sub(1, square(div(from.alpha, to.alpha))), 0));
          const sd = mul(mul(div(to.sigma, from.sigma), added), eta);
          const kept = sqrt(max(sub(square(to.sigma), square(sd)), 0));
          const next = add(add(mul(to.alpha, prediction.predX0), mul(kept, prediction.eps)), mul(sd, noise(x)));
          return { x: { x: next, t: p }, prediction, carry: {} };
        },
      };
