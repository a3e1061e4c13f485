import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, gemm, log, mul, reduceMax, reduceMean, sub } from "@distillery/shared/onnx/ops";
import { normalised } from "./normalised";

/** Keeps the logarithm finite for embeddings that coincide. */
const EPSILON = 1e-6;

/**
 * Kozachenko-Leonenko estimate of how little spread out embeddings [B, D] are on the unit sphere (Sablayrolles et al. 2019;
 * as in DINOv2): minus the mean logarithm of the distance to the nearest other one.
 */
export function koleo(embedding: Tensor): Tensor {
  const { graph } = embedding;
  const batch = embedding.shape[0] as number;
  const z = normalised(embedding);
  const itself = graph.constant(
    Array.from({ length: batch * batch }, (_, i) => (i % (batch + 1) === 0 ? 4 : 0)),
    [batch, batch],
  );
  const nearest = reduceMax(sub(gemm(z, z, null, { transB: true }), itself), { axes: [1], keepdims: false });
  // |a - b|^2 = 2 - 2 a.b
  const squared = add(sub(2, mul(nearest, 2)), EPSILON);
  return mul(reduceMean(log(squared), { keepdims: false }), -0.5);
}
