import type { Tensor } from "@distillery/shared/onnx/graph";
import { div, exp, mul, reduceMax, reduceSum, sub } from "@distillery/shared/onnx/ops";

/**
 * Sinkhorn-Knopp: scores [N, K] to probabilities whose rows sum to 1 while every column gets (nearly) the same share
 * of the batch (Cuturi 2013; Caron et al. 2020, SwAV; three rounds as in DINOv2).
 */
export function sinkhorn(scores: Tensor, rounds = 3): Tensor {
  const [rows, columns] = scores.shape as [number, number];
  let q = exp(sub(scores, reduceMax(scores)));
  q = div(q, reduceSum(q));
  for (let round = 0; round < rounds; round++) {
    q = div(div(q, reduceSum(q, { axes: [0] })), columns);
    q = div(div(q, reduceSum(q, { axes: [1] })), rows);
  }
  return mul(q, rows);
}
