import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, logSoftmax, mul, neg, reduceMean, reduceSum } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { type BatchLabel, isHit, isKnown, labelOf, oneHot, weightedMean } from "./labels";

/** Cross entropy of an encoder's heads, with label smoothing (Szegedy et al. 2016, section 7). */
export const classification = defineNode({
  type: "loss/classification",
  version: 1,
  title: "Classification loss",
  family: "loss",
  help:
    "Trains the heads of an encoder to tell the labels of its images: style, kind of content. Take the clean images and their " +
    "condition from one Start; images whose label is hidden do not count. Also records the share it gets right.",
  formula: "L = −mean Σ_k q_k log softmax(logits)_k,  q = (1 − s) onehot(label) + s / K",
  source: "Szegedy et al. 2016 (label smoothing)",
  inputs: {
    weights: wire.weights.describe("The encoder to train."),
    images: wire.image,
    condition: wire.condition.describe("Labels of the images."),
  },
  outputs: {
    loss: wire.loss,
    class: wire.metric.optional().describe("Share of the batch whose class is told rightly."),
    content: wire.metric.optional().describe("Share of the batch whose kind of content is told rightly."),
  },
  params: z.object({
    labels: z
      .array(z.enum(["class", "content"]))
      .default([])
      .meta({ title: "Labels", description: "Heads to train; none chosen means every one.", widget: "multiselect" }),
    smoothing: z.number().min(0).max(0.99).default(0.1).meta({
      title: "Label smoothing",
      description: "Share of the answer that is spread evenly over all values; 0: none.",
      step: 0.05,
    }),
    weight: z
      .number()
      .min(0)
      .default(1)
      .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
  }),
  emit({ weights, images, condition }, { labels, smoothing, weight }, context) {
    const { logits = {} } = extractorOf(weights, context)(images.x);
    const heads = Object.entries(logits).filter(
      ([name]) => labels.length === 0 || labels.some((each) => each === name),
    );
    const absent = labels.find((name) => logits[name] === undefined);
    if (heads.length === 0 || absent !== undefined) {
      const head = absent === undefined ? "any label" : `"${absent}"`;
      context.fail(`"${weights.title}" has no head for ${head}; choose what it classifies in the encoder.`, "weights");
    }
    const parts = heads.map(([name, scores]) => {
      const label = labelOf(condition, name, context, { expected: scores.shape[1] as number });
      context.series(`${name}Accuracy`, weightedMean(isHit(scores, label), isKnown(label)));
      return crossEntropy(scores, label, smoothing);
    });
    const metric = (name: string, title: string) =>
      logits[name] && { node: context.nodeId, series: `${name}Accuracy`, title };
    return {
      loss: {
        value: mul(
          parts.reduce((sum, part) => add(sum, part)),
          weight,
        ),
      },
      class: metric("class", "Class told rightly"),
      content: metric("content", "Content told rightly"),
    };
  },
});

/** Mean over the images whose label is known: scores [B, K] -> scalar. */
function crossEntropy(scores: Tensor, label: BatchLabel, smoothing: number): Tensor {
  const logP = logSoftmax(scores);
  const ofLabel = reduceSum(mul(oneHot(label), logP), { axes: [1], keepdims: false });
  const ofAll = reduceMean(logP, { axes: [1], keepdims: false });
  const logLikelihood = add(mul(ofLabel, 1 - smoothing), mul(ofAll, smoothing));
  return weightedMean(neg(logLikelihood), isKnown(label));
}
