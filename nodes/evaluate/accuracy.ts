import { defineNode, wire } from "@distillery/shared/graph/node";
import { slice } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { isHit, isKnown, labelOf } from "../loss/labels";
import { extractorOf } from "../model/evaluator";
import { emitHitRate, hitRateHost, hitRateParams } from "./hitRate";

export const accuracy = defineNode({
  type: "evaluate/accuracy",
  version: 1,
  title: "Accuracy",
  family: "evaluate",
  help:
    "Share of the images whose label an encoder with heads tells rightly, while it learns. Wire a Start on held-out data, " +
    "which training never sees.",
  formula: "share of argmax_k logits_k = label",
  inputs: {
    weights: wire.weights.describe("An encoder that classifies."),
    images: wire.image,
    condition: wire.condition.describe("Labels of the images."),
  },
  outputs: { class: wire.metric.optional(), content: wire.metric.optional() },
  params: z.object(hitRateParams),
  emit({ weights, images, condition }, { rows }, context) {
    const few = Math.min(rows, context.batch);
    const first = { starts: [0], ends: [few], axes: [0] };
    const { logits = {} } = extractorOf(weights, context)(slice(images.x, first));
    if (Object.keys(logits).length === 0) {
      context.fail(`"${weights.title}" classifies nothing; choose what it classifies in the encoder.`, "weights");
    }
    const measure = (name: string, title: string) => {
      const scores = logits[name];
      if (scores === undefined) return undefined;
      const { index, count } = labelOf(condition, name, context, { expected: scores.shape[1] as number });
      const label = { index: slice(index, first), count };
      return emitHitRate(context, { series: `${name}Accuracy`, title }, isHit(scores, label), isKnown(label));
    };
    return { class: measure("class", "Class told rightly"), content: measure("content", "Content told rightly") };
  },
  host: ({ every }) => hitRateHost(every),
});
