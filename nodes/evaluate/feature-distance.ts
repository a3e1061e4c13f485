import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, mul, reduceMean, reduceSum, sqrt, square, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { compareWithReferences, picturesOf, referenceInputs, requirePictures, shown } from "./references";

/** Channels scaled to length 1 at every position. [B, channels, positions] */
const unit = (layer: Tensor): Tensor => div(layer, sqrt(add(reduceSum(square(layer), { axes: [1] }), 1e-10)));

/** Per image: squared distance of the unit channel vectors, mean over positions, then over layers. [B] */
export function layerDistance(a: readonly Tensor[], b: readonly Tensor[]): Tensor {
  const perLayer = a.map((layer, i) => {
    const squared = square(sub(unit(layer), unit(b[i] as Tensor)));
    return reduceMean(reduceSum(squared, { axes: [1] }), { axes: [1, 2], keepdims: false });
  });
  return mul(perLayer.reduce(add), 1 / perLayer.length);
}

export const featureDistance = defineNode({
  type: "evaluate/feature-distance",
  version: 1,
  title: "Feature distance",
  family: "evaluate",
  help:
    "How different two pictures look to an encoder: distances of its hooked layers, as LPIPS measures them but without learned weights. " +
    "Name the encoder with the number: it is a distance in its features, not LPIPS.",
  formula: "mean over layers and positions of |â − b̂|²,  â = a / |a| over channels",
  source: "Zhang et al. 2018 (LPIPS), eq. 1 with w = 1",
  inputs: {
    weights: wire.weights.describe("An encoder with hooked layers, kept out of training."),
    trajectory: wire.trajectory.many(),
    ...referenceInputs,
  },
  outputs: { featureDistance: wire.metric.optional(), featureDistanceToSource: wire.metric.optional() },
  params: z.object({}),
  scorer: {
    metrics: {
      featureDistance: { title: "Feature distance", better: "lower" },
      featureDistanceToSource: { title: "Feature distance to the source", better: "lower" },
    },
    aligned: ["answer", "source"],
    emit({ weights, ...references }, _params, context, { image }) {
      requirePictures(image, context);
      const extract = extractorOf(weights, context);
      const layersOf = (of: Tensor) => {
        const { layers } = extract(shown(picturesOf(of)));
        if (layers.length === 0)
          context.fail(`"${weights.title}" has no hooked layers to compare; name some in the encoder.`, "weights");
        return layers;
      };
      const own = layersOf(image);
      return compareWithReferences(references, image, "featureDistance", context, (_image, reference) =>
        layerDistance(own, layersOf(reference)),
      );
    },
  },
});
