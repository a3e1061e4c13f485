/** What networks want of pixels. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, mul } from "@distillery/shared/onnx/ops";

/** Mean and standard deviation of red, green and blue in [0, 1], as published with the models. */
const STATISTICS = {
  none: { mean: [0, 0, 0], std: [1, 1, 1] },
  half: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
} as const;

export const NORMALISATIONS = ["half", "none", "imagenet", "clip"] as const;
type Normalisation = keyof typeof STATISTICS;

/** From [-1, 1] to ((x + 1) / 2 - mean) / std. */
export function normalised(x: Tensor, kind: Normalisation, context: StageContext): Tensor {
  if (kind === "half") return x;
  const { mean, std } = STATISTICS[kind];
  const channels = x.shape[1] as number;
  if (channels !== 3 && kind !== "none") {
    context.fail(
      `The normalisation ${kind} is for images of 3 channels; these have ${channels}.`,
      undefined,
      "shape-mismatch",
    );
  }
  if (kind === "none") return mul(add(x, 1), 0.5);
  const perChannel = (of: (channel: number) => number) => x.graph.constant([0, 1, 2].map(of), [3, 1, 1]);
  const scale = perChannel((c) => 0.5 / (std[c] as number));
  const offset = perChannel((c) => (0.5 - (mean[c] as number)) / (std[c] as number));
  return add(mul(x, scale), offset);
}
