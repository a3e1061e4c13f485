import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { FeaturesValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { reshape } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { normalised } from "../loss/normalised";
import { extractorOf } from "../model/evaluator";
import { modelFile } from "../model/file";
import { requirePictures, shown } from "./references";

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
      return { aesthetic: headOn(extractorOf(weights, context)(shown(image)), head, context) };
    },
  },
});

/** The head's one number per image, [B]. */
function headOn({ embedding }: FeaturesValue, head: string, context: StageContext): Tensor {
  const { info, parameters, apply } = modelFile(head, false, context);
  const [input, ...others] = info.inputs;
  if (input === undefined || others.length > 0) {
    return context.fail(`"${info.name}" has ${info.inputs.length} inputs; a head takes the embedding only.`);
  }
  const [score] = apply(new Map([[input.name, normalised(embedding)]]), parameters).values();
  if (score === undefined || score.size !== embedding.shape[0]) {
    return context.fail(
      `"${info.name}" gives ${score === undefined ? "nothing" : formatShape(score.shape)} for ${formatShape(embedding.shape)}; a head gives one number an image.`,
      undefined,
      "shape-mismatch",
    );
  }
  return reshape(score, [embedding.shape[0] as number]);
}
