/** From what a network puts out to the matched pair (predX0, eps) that solvers and jumps take (methods 1.6), and back to states. */
import type { Prediction, PredictionType, StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, mul, reshape, sub } from "@distillery/shared/onnx/ops";

/** [B] as [B, 1, ...] so that it broadcasts over tensors of `like`'s rank. */
export function perSample(value: Tensor, like: Tensor): Tensor {
  return reshape(value, [value.shape[0] as number, ...Array<number>(like.rank - 1).fill(1)]);
}

/** alpha and sigma of x = alpha x0 + sigma eps at time `t`, broadcasting over `like`. */
export const coefficients = (t: TimeValue, like: Tensor): { alpha: Tensor; sigma: Tensor } => ({
  alpha: perSample(t.schedule.alpha(t), like),
  sigma: perSample(t.schedule.sigma(t), like),
});

/**
 * The pair predicted by network output `output` at the state (x, t), all shaped [B, ...]:
 * epsilon e: ((x - sigma e) / alpha, e); sample z: (z, (x - alpha z) / sigma);
 * v_prediction v: (alpha x - sigma v, alpha v + sigma x) (Salimans & Ho 2022, section 4), and of rectified flow, where
 * v = eps - x0: (x - sigma v, x + alpha v) (Liu et al. 2023).
 */
export function predictionFrom(
  output: Tensor,
  { x, t }: StateValue,
  type: PredictionType = t.schedule.predictionType,
): Prediction {
  const { alpha, sigma } = coefficients(t, x);
  switch (type) {
    case "epsilon":
      return { predX0: div(sub(x, mul(sigma, output)), alpha), eps: output };
    case "sample":
      return { predX0: output, eps: div(sub(x, mul(alpha, output)), sigma) };
    case "v_prediction":
      if (t.schedule.space === "rf") return { predX0: sub(x, mul(sigma, output)), eps: add(x, mul(alpha, output)) };
      return {
        predX0: sub(mul(alpha, x), mul(sigma, output)),
        eps: add(mul(alpha, output), mul(sigma, x)),
      };
  }
}

/** The state at time `s` of the pair: alpha_s predX0 + sigma_s eps. With a clean sample and noise this is forward noising. */
export function stateAt(s: TimeValue, { predX0, eps }: Prediction): Tensor {
  const { alpha, sigma } = coefficients(s, predX0);
  return add(mul(alpha, predX0), mul(sigma, eps));
}
