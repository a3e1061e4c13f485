/** Keeping the predicted clean sample inside the range of the data. */
import type { Prediction } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { abs, add, clip, div, less, mul, neg, reshape, slice, topK, where } from "@distillery/shared/onnx/ops";
import { perSample } from "../schedule/prediction";
import type { Predict } from "../solver/solver";

export interface Clipping {
  readonly clipping: "none" | "range" | "dynamic";
  /** Largest absolute value. */
  readonly clipRange: number;
  /** Of dynamic thresholding: the quantile p of |predX0| that may be the range instead. */
  readonly clipQuantile: number;
  /** Only in that many first steps; 0: in all. */
  readonly clipSteps: number;
}

/**
 * range: predX0 cut to -c..c. dynamic: q = min(max(quantile_p |predX0|, 1), c) per sample, predX0 cut to -q..q and divided by q
 * (Saharia et al. 2022, Imagen, section 2.3). eps stays as predicted, as in DDIM's published scheduler.
 */
export const clipped =
  (predict: Predict, { clipping, clipRange, clipQuantile, clipSteps }: Clipping, index: Tensor): Predict =>
  (x) => {
    const prediction = predict(x);
    if (clipping === "none") return prediction;
    const predX0 =
      clipping === "range"
        ? clip(prediction.predX0, { min: -clipRange, max: clipRange })
        : thresholded(prediction.predX0, clipQuantile, clipRange);
    const kept: Prediction["predX0"] =
      clipSteps === 0 ? predX0 : where(less(index, clipSteps - 0.5), predX0, prediction.predX0);
    return { predX0: kept, eps: prediction.eps };
  };

function thresholded(predX0: Tensor, p: number, highest: number): Tensor {
  const q = perSample(clip(quantileOfSize(predX0, p), { min: 1, max: Math.max(highest, 1) }), predX0);
  return div(where(less(predX0, neg(q)), neg(q), where(less(q, predX0), q, predX0)), q);
}

/** The quantile p of |x| within each sample, linear between neighbours (numpy's and torch's default); float32 [B]. */
export function quantileOfSize(x: Tensor, p: number): Tensor {
  const batch = x.shape[0] as number;
  const size = x.size / batch;
  const place = p * (size - 1);
  const below = Math.min(Math.floor(place), size - 1);
  const count = size - below;
  const sorted = topK(abs(reshape(x, [batch, size])), count);
  const nth = (i: number) => reshape(slice(sorted, { starts: [i], ends: [i + 1], axes: [1] }), [batch]);
  const low = nth(count - 1);
  return count === 1 ? low : add(mul(low, 1 - (place - below)), mul(nth(count - 2), place - below));
}
