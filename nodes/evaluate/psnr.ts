import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { log, max, mul, reduceMean, square, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { compareWithReferences, referenceInputs, requirePictures, shown } from "./references";

/** Squared range of [-1, 1]. */
const RANGE_SQUARED = 4;
/** Equal pictures have no error to put in decibels: they count as 100 dB. */
const SMALLEST_ERROR = RANGE_SQUARED * 1e-10;

/** 10 log10(L^2 / mean (a - b)^2) with L = 2, the range of [-1, 1]; dB, [B]. */
export function psnrOf(a: Tensor, b: Tensor): Tensor {
  const error = reduceMean(square(sub(shown(a), shown(b))), { axes: [1, 2, 3], keepdims: false });
  return mul(sub(Math.log(RANGE_SQUARED), log(max(error, SMALLEST_ERROR))), 10 / Math.LN10);
}

export const psnr = defineNode({
  type: "evaluate/psnr",
  version: 1,
  title: "PSNR",
  family: "evaluate",
  help:
    "Peak signal-to-noise ratio of the last states, in decibels: to the right answer, where the data has one, and to the source, " +
    "which says how much of the content was kept. Colours are cut to the range that is shown.",
  formula: "10 log₁₀(L² / mean (x − y)²),  L = 2",
  inputs: { trajectory: wire.trajectory.many(), ...referenceInputs },
  outputs: { psnr: wire.metric.optional(), psnrToSource: wire.metric.optional() },
  params: z.object({}),
  scorer: {
    metrics: {
      psnr: { title: "PSNR", better: "higher" },
      psnrToSource: { title: "PSNR to the source", better: "higher" },
    },
    aligned: ["answer", "source"],
    emit(inputs, _params, context, { image }) {
      requirePictures(image, context);
      return compareWithReferences(inputs, image, "psnr", context, psnrOf);
    },
  },
});
