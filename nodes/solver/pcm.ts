import { add, mul } from "@distillery/shared/onnx/ops";
import { stateAt } from "../schedule/prediction";
import { ddimSolver } from "./ddim";
import { nothingCarried, type Solver } from "./solver";

/**
 * A phased consistency step whose noise is partly fresh (Wang et al. 2024, PCM):
 * x_s = alpha_s predX0 + sigma_s (sqrt(r) eps + sqrt(1 - r) z). r = 1 is the deterministic jump.
 */
export const pcmSolver = (keptNoise: number): Solver =>
  keptNoise === 1
    ? ddimSolver
    : {
        evaluationsPerStep: 1,
        carry: nothingCarried,
        step(predict, x, s, _carry, { noise }) {
          const prediction = predict(x);
          const eps = add(mul(prediction.eps, Math.sqrt(keptNoise)), mul(noise(x), Math.sqrt(1 - keptNoise)));
          return { x: { x: stateAt(s, { predX0: prediction.predX0, eps }), t: s }, prediction, carry: {} };
        },
      };
