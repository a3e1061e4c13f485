import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { headOn } from "../model/head";
import { perSampleOf, picturesOf, requirePictures, shown } from "./references";

export const aesthetic = defineNode({
  type: "evaluate/aesthetic",
  version: 1,
  title: "Aesthetic score",
  family: "evaluate",
  help:
    "The LAION aesthetic predictor, with your own files: nothing is bundled, for neither network is small or freely shipped with this program. " +
    "Wire an encoder that is the image tower of CLIP ViT-L/14 with its projection (768 numbers an image), and choose the predictor's " +
    'head "sac+logos+ava1-l14-linearMSE" exported as ONNX: 768 numbers in, one out. It was made for photographs and paintings of 224 px and more.',
  formula: "A ê + b,  ê = CLIP(x) / |CLIP(x)|",
  source: "Schuhmann et al. 2022 (LAION-5B), improved aesthetic predictor",
  inputs: {
    weights: wire.weights.describe("CLIP ViT-L/14 as an encoder."),
    trajectory: wire.trajectory.many(),
  },
  outputs: { aesthetic: wire.metric },
  params: z.object({
    head: z.string().max(200).default("").meta({
      title: "Head",
      description: "A registered ONNX file from the normalised embedding to the score. Its layers have no activations.",
      widget: "model",
    }),
  }),
  scorer: {
    metrics: { aesthetic: { title: "Aesthetic score", better: "higher" } },
    aligned: [],
    emit({ weights }, { head }, context, { image }) {
      requirePictures(image, context);
      const score = headOn(extractorOf(weights, context)(shown(picturesOf(image))), head, context);
      return { aesthetic: perSampleOf(score, image) };
    },
  },
});
