import type { StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, exp, mul, neg, or, reshape, sqrt, sub, where } from "@distillery/shared/onnx/ops";
import { coefficients, perSample } from "../schedule/prediction";
import { endsInOrderOne, isFirstStep, type LastStepRule } from "./lastStep";
import { phiFunctions } from "./phi";
import { type Along, type Carry, lambdaAt, nonZero, type OdeSolver, type Solver } from "./solver";

/** Of the previous step: its prediction and its lambda. */
const carried = (sampleShape: readonly number[]) => ({ predX0: sampleShape, lambda: [] });

/**
 * Multistep DPM-Solver++, order 2 (Lu et al. 2022, algorithm 2), with m = predX0, h = lambda_s - lambda_t, and the slope
 * D = (m - m_before) h / h_before:
 * midpoint: x_s = (sigma_s / sigma_t) x - alpha_s (e^{-h} - 1) (m + D / 2);
 * heun:     x_s = (sigma_s / sigma_t) x - alpha_s (e^{-h} - 1) m + alpha_s ((e^{-h} - 1) / h + 1) D.
 * The first step has D = 0: order 1, the DDIM step. So has the last one as `lastStep` says.
 */
export const dpmppSolver = (form: "midpoint" | "heun", lastStep: LastStepRule = "never"): OdeSolver => ({
  evaluationsPerStep: 1,
  carry: carried,
  step(predict, x, s, carry, along) {
    const prediction = predict(x);
    const { h, kept, alpha, slope, next } = multistep(prediction.predX0, x, { s, carry, along, lastStep });
    const { phi1, phi2 } = phiFunctions(neg(h));
    // 1 - e^{-h} = h phi_1(-h), and (e^{-h} - 1) / h + 1 = h phi_2(-h).
    const slopes = form === "midpoint" ? mul(phi1, 0.5) : phi2;
    const moved = add(mul(phi1, prediction.predX0), mul(slopes, slope));
    return { x: { x: add(mul(kept, x.x), mul(mul(alpha, h), moved)), t: s }, prediction, carry: next };
  },
});

/**
 * The same for the reverse SDE (Lu et al. 2022, appendix; "sde-dpmsolver++"), midpoint form:
 * x_s = (sigma_s / sigma_t) e^{-h} x + alpha_s (1 - e^{-2h}) (m + D / 2) + sigma_s sqrt(1 - e^{-2h}) z.
 */
export const dpmppSdeSolver = (lastStep: LastStepRule = "never"): Solver => ({
  evaluationsPerStep: 1,
  carry: carried,
  step(predict, x, s, carry, along) {
    const prediction = predict(x);
    const m = prediction.predX0;
    const { h, kept, alpha, sigma, slope, next } = multistep(m, x, { s, carry, along, lastStep });
    const twice = mul(h, 2);
    const fresh = mul(twice, phiFunctions(neg(twice)).phi1);
    const drawn = mul(mul(sigma, sqrt(fresh)), along.noise(x));
    const moved = mul(mul(alpha, fresh), add(m, mul(slope, 0.5)));
    return {
      x: { x: add(add(mul(mul(kept, exp(neg(h))), x.x), moved), drawn), t: s },
      prediction,
      carry: next,
    };
  },
});

function multistep(
  m: Tensor,
  x: StateValue,
  { s, carry, along, lastStep }: { s: StateValue["t"]; carry: Carry; along: Along | undefined; lastStep: LastStepRule },
) {
  const lambda = lambdaAt(x.t, x.x);
  const h = sub(lambdaAt(s, x.x), lambda);
  const from = coefficients(x.t, x.x);
  const { alpha, sigma } = coefficients(s, x.x);
  const next = { predX0: m, lambda: reshape(lambda, [lambda.shape[0] as number]) };
  return { h, kept: div(sigma, from.sigma), alpha, sigma, slope: slopeOf(), next };

  function slopeOf(): Tensor {
    const { predX0: before, lambda: lambdaBefore } = carry;
    if (along === undefined || before === undefined || lambdaBefore === undefined) return mul(m, 0);
    const isFirst = isFirstStep(along);
    const ends = endsInOrderOne(lastStep, along);
    const isOrderOne = ends === false ? isFirst : or(isFirst, ends);
    const hBefore = nonZero(sub(lambda, perSample(lambdaBefore, x.x)));
    return where(isOrderOne, 0, mul(sub(m, before), div(h, hBefore)));
  }
}
