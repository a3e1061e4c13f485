import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, less, mul, neg, or, reshape, sub, where } from "@distillery/shared/onnx/ops";
import { coefficients, perSample } from "../schedule/prediction";
import { isFirstStep, isLastStep } from "./lastStep";
import { phiFunctions } from "./phi";
import { type Along, type Carry, lambdaAt, nonZero, type Solver } from "./solver";

export interface UniPcOptions {
  /** Whether a step's result is improved by the next evaluation. */
  readonly corrector: boolean;
  /** Whether the last step is of order 1. */
  readonly lowerLast: boolean;
}

/**
 * UniPC of order 2 for predX0 with B(h) = e^{-h} - 1, "bh2" (Zhao et al. 2023, algorithms 1 and 2), m_i = predX0 at step i,
 * h = lambda_s - lambda_t, B = phi = e^{-h} - 1:
 * predictor  x_s = (sigma_s / sigma_t) x - alpha_s phi m_i - alpha_s B (m_{i-1} - m_i) / (2 r_1),  r_1 = (lambda_{i-1} - lambda_i) / h;
 * corrector, once m is known where the last step arrived,
 * x' = (sigma_t / sigma_i) x_i - alpha_t phi m_i - alpha_t B (rho_1 (m_{i-1} - m_i) / r_1 + rho_2 (m - m_i)),
 * with rho = 1/2 alone in order 1, and in order 2 rho_1 + rho_2 = phi_2 / phi_1, r_1 rho_1 + rho_2 = 2 phi_3 / phi_1 at -h.
 * No evaluation is spent on the corrected state; the last state of a path is a predicted one.
 */
export const unipcSolver = ({ corrector, lowerLast }: UniPcOptions): Solver => ({
  evaluationsPerStep: 1,
  carry: (sampleShape) => ({
    x: sampleShape,
    predX0: sampleShape,
    lambda: [],
    sigma: [],
    before: sampleShape,
    gap: [],
  }),
  step(predict, x, s, carry, along) {
    const prediction = predict(x);
    const m = prediction.predX0;
    const last = lastStepOf(carry, x);
    const isFirst = isFirstStep(along);
    const corrected = corrector ? where(isFirst, x.x, correct(m, x, last, along)) : x.x;
    const isOrderOne = lowerLast ? or(isFirst, isLastStep(along)) : isFirst;
    const { lambda } = placeOf(x.t, x);
    const next = predictFrom(corrected, m, { x, s, last, isOrderOne });
    const flat = (value: Tensor) => reshape(value, [x.x.shape[0] as number]);
    return {
      x: { x: next, t: s },
      prediction,
      carry: {
        x: corrected,
        predX0: m,
        lambda: flat(lambda),
        sigma: flat(coefficients(x.t, x.x).sigma),
        before: last.predX0,
        gap: flat(sub(last.lambda, lambda)),
      },
    };
  },
});

interface LastStep {
  /** The state it began at, its prediction, and where that was. */
  readonly x: Tensor;
  readonly predX0: Tensor;
  readonly lambda: Tensor;
  readonly sigma: Tensor;
  /** The prediction of the step before it, and the lambda of that one above its own. */
  readonly before: Tensor;
  readonly gap: Tensor;
}

function lastStepOf(carry: Carry, { x }: StateValue): LastStep {
  const { x: from, predX0, lambda, sigma, before, gap } = carry as Record<keyof LastStep, Tensor>;
  return { x: from, predX0, lambda: perSample(lambda, x), sigma: perSample(sigma, x), before, gap: perSample(gap, x) };
}

const placeOf = (t: TimeValue, { x }: StateValue) => ({ ...coefficients(t, x), lambda: lambdaAt(t, x) });

function predictFrom(
  corrected: Tensor,
  m: Tensor,
  { x, s, last, isOrderOne }: { x: StateValue; s: TimeValue; last: LastStep; isOrderOne: Tensor },
): Tensor {
  const from = placeOf(x.t, x);
  const to = placeOf(s, x);
  const h = sub(to.lambda, from.lambda);
  const b = mul(neg(h), phiFunctions(neg(h)).phi1);
  // 1 / r_1 = h / (lambda_{i-1} - lambda_i); a first step has no such lambda, and `where` drops the result.
  const gap = sub(last.lambda, from.lambda);
  const slope = where(isOrderOne, 0, mul(sub(last.predX0, m), mul(div(h, nonZero(gap)), 0.5)));
  return sub(mul(div(to.sigma, from.sigma), corrected), mul(mul(to.alpha, b), add(m, slope)));
}

function correct(m: Tensor, x: StateValue, last: LastStep, { index }: Along): Tensor {
  const here = placeOf(x.t, x);
  const h = sub(here.lambda, last.lambda);
  const { phi1, phi2, phi3 } = phiFunctions(neg(h));
  const b = mul(neg(h), phi1);
  const isOrderOne = less(index, 1.5);
  const r = where(isOrderOne, -1, div(last.gap, nonZero(h)));
  const first = div(phi2, phi1);
  const second = mul(div(phi3, phi1), 2);
  const rho1 = where(isOrderOne, 0, div(sub(first, second), sub(1, r)));
  const rho2 = where(isOrderOne, 0.5, sub(first, rho1));
  const history = mul(sub(last.before, last.predX0), div(rho1, r));
  const change = add(history, mul(rho2, sub(m, last.predX0)));
  const kept = mul(div(here.sigma, where(less(index, 0.5), 1, last.sigma)), last.x);
  return sub(kept, mul(mul(here.alpha, b), add(last.predX0, change)));
}
