import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, conv, div, mul, reduceMean, reshape, square, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { compareWithReferences, referenceInputs, requirePictures, shown } from "./references";

const WINDOW = 11;
const STD = 1.5;
const RANGE = 2;
const C1 = (0.01 * RANGE) ** 2;
const C2 = (0.03 * RANGE) ** 2;

const gaussian = (): number[] => {
  const weights = Array.from({ length: WINDOW }, (_, i) => Math.exp(-((i - (WINDOW - 1) / 2) ** 2) / (2 * STD ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

/**
 * Structural similarity (Wang et al. 2004): local means, variances and covariance under an 11 x 11 Gaussian window of
 * standard deviation 1.5, only where the window lies inside the picture; K1 = 0.01, K2 = 0.03, L = 2. Averaged over
 * windows and channels, [B].
 */
export function ssimOf(a: Tensor, b: Tensor): Tensor {
  const [batch = 1, channels = 1, height = 1, width = 1] = a.shape;
  const kernel = gaussian();
  const down = a.graph.constant(kernel, [1, 1, WINDOW, 1]);
  const across = a.graph.constant(kernel, [1, 1, 1, WINDOW]);
  const planes = (image: Tensor) => reshape(shown(image), [batch * channels, 1, height, width]);
  const local = (image: Tensor) => conv(conv(image, down), across);
  const [x, y] = [planes(a), planes(b)];
  const [meanX, meanY] = [local(x), local(y)];
  const variance = (of: Tensor, mean: Tensor) => sub(local(square(of)), square(mean));
  const covariance = sub(local(mul(x, y)), mul(meanX, meanY));
  const likeness = mul(add(mul(mul(meanX, meanY), 2), C1), add(mul(covariance, 2), C2));
  const spread = mul(add(add(square(meanX), square(meanY)), C1), add(add(variance(x, meanX), variance(y, meanY)), C2));
  const map = div(likeness, spread);
  return reshape(reduceMean(reshape(map, [batch, -1]), { axes: [1] }), [batch]);
}

export const ssim = defineNode({
  type: "evaluate/ssim",
  version: 1,
  title: "SSIM",
  family: "evaluate",
  help:
    "Structural similarity of the last states, in an 11 x 11 Gaussian window, on every channel: to the right answer, where the data has one, " +
    "and to the source, which says how much of the content was kept. A picture of 32 x 32 holds 22 x 22 such windows.",
  formula: "(2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂))",
  source: "Wang, Bovik, Sheikh & Simoncelli 2004, eq. 13",
  inputs: { trajectory: wire.trajectory.many(), ...referenceInputs },
  outputs: { ssim: wire.metric.optional(), ssimToSource: wire.metric.optional() },
  params: z.object({}),
  scorer: {
    metrics: {
      ssim: { title: "SSIM", better: "higher" },
      ssimToSource: { title: "SSIM to the source", better: "higher" },
    },
    aligned: ["answer", "source"],
    emit(inputs, _params, context, { image }) {
      requirePictures(image, context, WINDOW);
      return compareWithReferences(inputs, image, "ssim", context, ssimOf);
    },
  },
});
