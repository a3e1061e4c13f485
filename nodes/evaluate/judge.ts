import { defineNode, wire } from "@distillery/shared/graph/node";
import { greater, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { isHit, isKnown, labelOf } from "../loss/labels";
import { extractorOf } from "../model/evaluator";
import { conditionOfPictures, perSampleOf, picturesOf, requirePictures, shown } from "./references";

export const judge = defineNode({
  type: "evaluate/judge",
  version: 1,
  title: "Judge",
  family: "evaluate",
  help:
    "Lets a classifier that had no part in training look at the last states: the share of pictures it takes for the style they were to become, " +
    "and the share whose kind of content it still recognises.",
  formula: "share of argmax_k logits_k = label",
  inputs: {
    weights: wire.weights.describe("An encoder that classifies, kept out of every training loss."),
    trajectory: wire.trajectory.many(),
    condition: wire.condition.describe("What the pictures were to become; from the Start of these paths."),
  },
  outputs: { styleAccuracy: wire.metric.optional(), contentAccuracy: wire.metric.optional() },
  params: z.object({}),
  scorer: {
    metrics: {
      styleAccuracy: { title: "Style recognised", better: "higher" },
      contentAccuracy: { title: "Content recognised", better: "higher" },
    },
    aligned: ["condition"],
    emit({ weights, condition: ofSamples }, _params, context, { image }) {
      requirePictures(image, context);
      const condition = conditionOfPictures(ofSamples, image);
      const { logits = {} } = extractorOf(weights, context)(shown(picturesOf(image)));
      const share = (label: "class" | "content", name: string) => {
        const scores = logits[label];
        if (scores === undefined || condition.tensors[label] === undefined) return {};
        const wanted = labelOf(condition, label, context, { expected: scores.shape[1] as number });
        // Where nobody said what it is, there is nothing to be right about.
        return { [name]: perSampleOf(where(greater(isKnown(wanted), 0), isHit(scores, wanted), Number.NaN), image) };
      };
      const shares = { ...share("class", "styleAccuracy"), ...share("content", "contentAccuracy") };
      if (Object.keys(shares).length === 0)
        context.fail(`"${weights.title}" classifies nothing that the condition says.`, "weights", "no-labels");
      return shares;
    },
  },
});
