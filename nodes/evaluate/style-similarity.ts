import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { ConditionValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { div, matMul, mul, reduceSum, reshape, transpose } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { labelOf, oneHot } from "../loss/labels";
import { normalised } from "../loss/normalised";
import { extractorOf } from "../model/evaluator";
import { conditionOfPictures, perSampleOf, picturesOf, requirePictures, shown } from "./references";

export const styleSimilarity = defineNode({
  type: "evaluate/style-similarity",
  version: 1,
  title: "Style similarity",
  family: "evaluate",
  help:
    "Cosine of style embeddings between the last states and real pictures of the style they were to become: the right answer, or a batch of other " +
    "references, of which those of the same class count. Take a descriptor of style: the bundled one, or CSD.",
  formula: "cos(e(x), e(reference)), e the style embedding; mean over the references of the class",
  source: "Somepalli et al. 2024 (CSD)",
  inputs: {
    weights: wire.weights.describe("An encoder whose embedding describes style."),
    trajectory: wire.trajectory.many(),
    answer: wire.image
      .optional()
      .describe("The same picture in the class it is to become; from the Start of these paths."),
    references: wire.image.optional().describe("Real pictures of any content, from a Start of their own."),
    condition: wire.condition.optional().describe("What the results were to become; only with references."),
    referenceCondition: wire.condition.optional().describe("Of which class the references are."),
  },
  outputs: {
    styleSimilarity: wire.metric.optional().describe("To the right answer, or to the references where there is none."),
    styleSimilarityToReferences: wire.metric.optional().describe("To the references, where the answer is wired, too."),
  },
  params: z.object({}),
  scorer: {
    metrics: {
      styleSimilarity: { title: "Style similarity", better: "higher" },
      styleSimilarityToReferences: { title: "Style similarity to references", better: "higher" },
    },
    aligned: ["answer", "condition"],
    emit({ weights, answer, references, condition, referenceCondition }, _params, context, { image }) {
      requirePictures(image, context);
      if (answer === undefined && references === undefined)
        context.fail(
          "There is no style to compare with: wire the right answer or references.",
          "answer",
          "missing-input",
        );
      const extract = extractorOf(weights, context);
      const embed = (images: Tensor) => normalised(extract(shown(picturesOf(images))).embedding);
      const own = embed(image);
      const toAnswer =
        answer && perSampleOf(reduceSum(mul(own, embed(answer.x)), { axes: [1], keepdims: false }), image);
      const counts =
        references &&
        sameClass(
          own,
          condition && conditionOfPictures(condition, image),
          referenceCondition && conditionOfPictures(referenceCondition, references.x),
          context,
        );
      const toReferences = references && perSampleOf(meanCosine(own, embed(references.x), counts), image);
      return {
        ...(toAnswer && { styleSimilarity: toAnswer }),
        ...(toReferences && { [toAnswer ? "styleSimilarityToReferences" : "styleSimilarity"]: toReferences }),
      };
    },
  },
});

/** 1 where result (row) and reference (column) are of one class; undefined when nobody says, and all count. */
function sameClass(
  own: Tensor,
  condition: ConditionValue | undefined,
  reference: ConditionValue | undefined,
  context: StageContext,
): Tensor | undefined {
  if (condition === undefined && reference === undefined) return undefined;
  if (condition === undefined || reference === undefined) {
    const missing = condition === undefined ? "condition" : "referenceCondition";
    return context.fail("Wire both conditions, of the results and of the references, or neither.", missing);
  }
  const wanted = labelOf(condition, "class", context);
  const given = labelOf(reference, "class", context, { expected: wanted.count, socket: "referenceCondition" });
  const matrix = matMul(oneHot(wanted), transpose(oneHot(given)));
  return reshape(matrix, [own.shape[0] as number, -1]);
}

/** [B]: mean over the references that count; not a number where none does. */
function meanCosine(own: Tensor, references: Tensor, counts: Tensor | undefined): Tensor {
  const cosines = matMul(own, transpose(references));
  const weights = counts ?? own.graph.constant(Array<number>(cosines.size).fill(1), cosines.shape);
  const total = (x: Tensor) => reduceSum(x, { axes: [1], keepdims: false });
  return div(total(mul(cosines, weights)), total(weights));
}
