/**
 * The exact denoiser of data x0 ~ sum_k w_k N(m_k, std^2 I): what a perfectly trained network would predict.
 * With v = alpha^2 std^2 + sigma^2 the posterior of component k is proportional to w_k exp(-|x - alpha m_k|^2 / (2 v)) and
 * E[x0 | x, k] = m_k + (alpha std^2 / v) (x - alpha m_k) (Karras et al. 2022, appendix B.3, for std = 0).
 */
import type { Prediction, StateValue } from "@distillery/shared/graph/wires";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { add, div, gemm, matMul, mul, reshape, softmax, square, sub } from "@distillery/shared/onnx/ops";
import { coefficients } from "../schedule/prediction";

export interface Components {
  /** [K, D] */
  readonly means: Tensor;
  /** |m_k|^2 / 2, [1, K] */
  readonly halfSquaredNorms: Tensor;
  /** ln w_k (a large negative number leaves a component out), [1, K] or [B, K] */
  readonly logWeights: Tensor;
  /** Standard deviation of every component, 0 for a finite set of points. */
  readonly std: number;
}

/** The matched pair at the state; |x - alpha m|^2 is expanded, so the work is two matrix products of [B, D] and [K, D]. */
export function posteriorMean({ x, t }: StateValue, components: Components): Prediction {
  const batch = x.shape[0] as number;
  const flat = reshape(x, [batch, sizeOf(x.shape.slice(1))]);
  const { alpha, sigma } = coefficients(t, flat);
  const variance = add(mul(square(alpha), components.std ** 2), square(sigma));
  // |x|^2 is the same for every component and drops out.
  const closeness = sub(
    mul(alpha, gemm(flat, components.means, null, { transB: true })),
    mul(square(alpha), components.halfSquaredNorms),
  );
  const responsibilities = softmax(add(div(closeness, variance), components.logWeights));
  const mean = matMul(responsibilities, components.means);
  const clean =
    components.std === 0
      ? mean
      : add(mul(div(square(sigma), variance), mean), mul(div(mul(alpha, components.std ** 2), variance), flat));
  const eps = div(sub(flat, mul(alpha, clean)), sigma);
  return { predX0: reshape(clean, x.shape), eps: reshape(eps, x.shape) };
}

/** |m_k|^2 / 2 of row-major [K, D] points, summed in float64. */
export function halfSquaredNorms(points: Float32Array, dimensions: number): Float32Array {
  return Float32Array.from({ length: points.length / dimensions }, (_, k) => {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += (points[k * dimensions + d] as number) ** 2;
    return sum / 2;
  });
}
