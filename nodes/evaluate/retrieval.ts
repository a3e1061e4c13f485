import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, equal, gemm, mul, reduceSum, reshape, slice } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { type BatchLabel, isHit, isKnown, labelOf, labelParam, oneHot } from "../loss/labels";
import { normalised } from "../loss/normalised";
import { extractorOf } from "../model/evaluator";
import { emitHitRate, hitRateHost, hitRateParams } from "./hitRate";

export const retrieval = defineNode({
  type: "evaluate/retrieval",
  version: 1,
  title: "Nearest class",
  family: "evaluate",
  help:
    "Share of the images that lie nearest to the mean embedding of their own class: whether a descriptor tells styles apart that " +
    "it has no heads for. References may be training images; wire a Start on held-out data as the images.",
  formula: "share of argmax_k cos(e, mean of e over references of class k) = label",
  inputs: {
    weights: wire.weights.describe("An encoder."),
    references: wire.image.describe("Images whose labels are given."),
    referenceCondition: wire.condition.describe("Labels of the references."),
    images: wire.image.describe("Images to find the class of."),
    condition: wire.condition.describe("Their true labels."),
  },
  outputs: { accuracy: wire.metric },
  params: z.object({ label: labelParam, ...hitRateParams }),
  emit({ weights, references, referenceCondition, images, condition }, { label, rows }, context) {
    const extract = extractorOf(weights, context);
    const first = { starts: [0], ends: [Math.min(rows, context.batch)], axes: [0] };
    const known = labelOf(referenceCondition, label, context, { socket: "referenceCondition" });
    const { index, count } = labelOf(condition, label, context);
    if (count !== known.count) {
      context.fail(`the references have ${known.count} values of "${label}", the images ${count}.`, "references");
    }
    const scores = closeness(extract(references.x).embedding, known, extract(slice(images.x, first)).embedding);
    const asked = { index: slice(index, first), count };
    const metric = { series: "nearestAccuracy", title: "Nearest to its own class" };
    return { accuracy: emitHitRate(context, metric, isHit(scores, asked), isKnown(asked)) };
  },
  host: ({ every }) => hitRateHost(every),
});

/** Cosine to the mean direction of each class, lower than any cosine where no reference shows it: [rows, K]. */
function closeness(references: Tensor, label: BatchLabel, embedding: Tensor): Tensor {
  const members = oneHot(label);
  const centres = normalised(gemm(members, normalised(references), null, { transA: true }));
  const size = reduceSum(members, { axes: [0], keepdims: false });
  const absent = reshape(cast(equal(size, 0), "float32"), [1, label.count]);
  return add(gemm(normalised(embedding), centres, null, { transB: true }), mul(absent, -4));
}
