import { defineNode, type Estimate, type HostTensor, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { frechetEstimate } from "./frechetDistance";
import { picturesOf, requirePictures, shown } from "./references";

export const frechet = defineNode({
  type: "evaluate/frechet",
  version: 1,
  title: "Fréchet distance",
  family: "evaluate",
  help:
    "How far the last states, as a set, are from real pictures, in the embeddings of an encoder (FD; FID is the same with Inception). It falls with " +
    "the number of pictures: compare only what was measured with the same batch, and take it for exact only well above the embedding's width.",
  formula: "|μ₁ − μ₂|² + Tr(C₁ + C₂ − 2 (C₁C₂)^½)",
  source: "Heusel et al. 2017, eq. 6; Stein et al. 2023 (FD-DINOv2)",
  inputs: {
    weights: wire.weights.describe("An encoder, kept out of training."),
    trajectory: wire.trajectory.many(),
    references: wire.image.describe(
      "Real pictures: the right answers, or any of the classes the results are to become.",
    ),
  },
  outputs: { fd: wire.metric },
  params: z.object({}),
  scorer: {
    metrics: { fd: { title: "FD", better: "lower" } },
    aligned: [],
    emit({ weights, references }, _params, context, { image }) {
      requirePictures(image, context);
      const extract = extractorOf(weights, context);
      const embed = (images: Tensor) => extract(shown(picturesOf(images))).embedding;
      return { results: embed(image), references: embed(references.x) };
    },
    summarise({ results, references }): Record<string, Estimate> {
      const fd = results && references && frechetEstimate(rowsOf(results), rowsOf(references));
      return fd ? { fd } : {};
    },
  },
});

function rowsOf({ data, shape }: HostTensor): Float32Array[] {
  const [count = 0, width = 0] = shape;
  const values = Float32Array.from(data as ArrayLike<number>);
  return Array.from({ length: count }, (_, i) => values.subarray(i * width, (i + 1) * width));
}
