import { defineNode, wire } from "@distillery/shared/graph/node";
import { formatShape } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { predictorOf } from "./evaluator";
import { predictFrames, requireClips } from "./frames";

/** An image network on clips: predict(x)_f = predict(x_f), all frames at one time and under one condition. */
export const perFrame = defineNode({
  type: "model/per-frame",
  version: 1,
  title: "Frame by frame",
  family: "model",
  help:
    "Makes a network of pictures one of clips: it is applied to every frame by itself, so nothing moves together yet. Wire Motion " +
    "modules instead where frames are to see each other.",
  formula: "x̂₀(x)_f = x̂₀(x_f)",
  inputs: { weights: wire.weights.describe("A network that denoises pictures.") },
  outputs: { weights: wire.weights },
  params: z.object({}),
  terms: (inputs) => ({ weights: inputs.get("weights") }),
  emit({ weights }, _params, context) {
    const predict = predictorOf(weights, context);
    const shape = weights.sampleShape;
    // What it is looked into for is a picture, too.
    const { features: _, ...network } = weights;
    if (shape !== null && shape.length !== 3) {
      context.fail(
        `"${weights.title}" takes samples of shape ${formatShape(shape)}; only networks of pictures [channels, height, width] are applied frame by frame.`,
        "weights",
        "not-a-picture-network",
      );
    }
    return {
      weights: {
        ...network,
        title: context.title,
        sampleShape: null,
        predict(x, condition, view = weights.parameters) {
          requireClips(x.x, context, "weights");
          const picture = x.x.shape.slice(2);
          if (shape !== null && shape.join() !== picture.join()) {
            context.fail(
              `"${weights.title}" takes pictures of shape ${formatShape(shape)}, but the frames have ${formatShape(picture)}. Use a data set of that size.`,
              "weights",
              "shape-mismatch",
            );
          }
          return predictFrames((folded, labels) => predict(folded, labels, view), x, condition);
        },
      },
    };
  },
});
