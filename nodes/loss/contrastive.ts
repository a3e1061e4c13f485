import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import {
  add,
  cast,
  div,
  gemm,
  greater,
  logSoftmax,
  max,
  mul,
  neg,
  reduceSum,
  reshape,
  sub,
} from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { type BatchLabel, isKnown, labelOf, labelParam, oneHot, weightedMean } from "./labels";
import { normalised } from "./normalised";

/** Supervised contrastive loss L_out (Khosla et al. 2020, eq. 2), averaged over the anchors that have a positive. */
export const contrastive = defineNode({
  type: "loss/contrastive",
  version: 1,
  title: "Contrastive loss",
  family: "loss",
  help:
    "Trains an encoder's embedding so that images of one class (style) lie close together and apart from all others, whatever " +
    "they show. Take the clean images and their condition from one Start; large batches help.",
  formula: "L = mean_i −1/|P(i)| Σ_{p∈P(i)} log( exp(z_i·z_p/τ) / Σ_{a≠i} exp(z_i·z_a/τ) ),  z = e/|e|",
  source: "Khosla et al. 2020, eq. 2; Somepalli et al. 2024 (style descriptors, CSD)",
  inputs: {
    weights: wire.weights.describe("The encoder to train."),
    images: wire.image,
    condition: wire.condition.describe("Labels of the images."),
  },
  outputs: { loss: wire.loss },
  params: z.object({
    label: labelParam,
    temperature: z.number().positive().max(10).default(0.1).meta({
      title: "Temperature",
      description: "Small values look at the closest images only.",
      step: 0.05,
    }),
    weight: z
      .number()
      .min(0)
      .default(1)
      .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
  }),
  emit({ weights, images, condition }, { label, temperature, weight }, context) {
    if (context.batch < 2)
      context.fail("it compares the images of a batch with each other; train on two or more at once.");
    const { embedding } = extractorOf(weights, context)(images.x);
    const loss = supervisedContrastive(embedding, labelOf(condition, label, context), temperature);
    return { loss: { value: mul(loss, weight) } };
  },
});

/** A similarity no cosine reaches: takes a column out of a softmax. */
const NEVER = -1e9;

/** Embeddings [B, D] and their labels -> scalar. Images of unknown label are neither anchors, positives nor negatives. */
export function supervisedContrastive(embedding: Tensor, label: BatchLabel, temperature: number): Tensor {
  const { graph, shape } = embedding;
  const batch = shape[0] as number;
  const z = normalised(embedding);
  const similarity = gemm(z, z, null, { transB: true, alpha: 1 / temperature });
  const self = graph.constant(
    Array.from({ length: batch * batch }, (_, i) => (i % (batch + 1) === 0 ? 1 : 0)),
    [batch, batch],
  );
  const left = add(self, reshape(sub(1, isKnown(label)), [1, -1]));
  const logP = logSoftmax(add(similarity, mul(left, NEVER)));
  const chosen = oneHot(label);
  const positive = mul(gemm(chosen, chosen, null, { transB: true }), sub(1, self));
  const perRow = (x: Tensor) => reduceSum(x, { axes: [1], keepdims: false });
  const count = perRow(positive);
  const ofAnchor = neg(div(perRow(mul(positive, logP)), max(count, 1)));
  return weightedMean(ofAnchor, cast(greater(count, 0), "float32"));
}
