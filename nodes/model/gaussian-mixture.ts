import { expr } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { formatShape, sizeOf } from "@distillery/shared/onnx/graph";
import { z } from "zod";
import { closedForm } from "./closedForm";
import { type Components, halfSquaredNorms, posteriorMean } from "./posteriorMean";

/**
 * Exact score of a mixture of Gaussians under the schedule: r_k ∝ w_k N(x; alpha m_k, (alpha^2 std^2 + sigma^2) I),
 * predX0 = sum_k r_k E[x0 | x, k], eps = (x - alpha predX0) / sigma.
 */
export const gaussianMixture = defineNode({
  type: "model/gaussian-mixture",
  version: 1,
  title: "Gaussian-mixture teacher",
  family: "model",
  help:
    "A perfect teacher in closed form, for small point data. Uses the data set's own mixture where it is one; any other set of " +
    "points becomes a mixture with one narrow Gaussian around each of its samples.",
  formula: "x̂₀ = Σ r_k E[x₀|x,k],  r_k ∝ w_k N(x; α m_k, (α² s² + σ²) I)",
  source: "Karras et al. 2022, appendix B.3; posterior of a Gaussian mixture",
  inputs: { dataset: wire.dataset },
  outputs: { weights: wire.weights },
  params: z.object({
    points: z.number().int().min(1).max(20_000).default(512).meta({
      title: "Points",
      description: "For data without a closed form: how many samples carry a Gaussian.",
    }),
    bandwidth: z.number().positive().max(1).default(0.05).meta({
      title: "Bandwidth",
      description: "For data without a closed form: standard deviation around each point.",
      step: 0.01,
    }),
  }),
  terms: (_inputs, _params, { name }) => ({ weights: { expr: expr(name("φ")) } }),
  emit({ dataset }, params, context) {
    const dimensions = sizeOf(dataset.sampleShape);
    if (dimensions > 64) {
      context.fail(
        `a mixture fits data of a few dimensions, but a sample of "${dataset.title}" has the shape ${formatShape(dataset.sampleShape)}. ` +
          "Use the ideal denoiser for images.",
        "dataset",
        "shape-mismatch",
      );
    }
    const components = exactComponents(dataset, context) ?? kernelComponents(dataset, params, context);
    return { weights: closedForm(context, dataset.sampleShape, (x) => posteriorMean(x, components)) };
  },
});

function exactComponents({ mixture, sampleShape }: DatasetValue, { graph }: StageContext): Components | undefined {
  if (mixture === undefined) return undefined;
  const count = mixture.weights.length;
  const dimensions = sizeOf(sampleShape);
  return {
    means: graph.constant([...mixture.means], [count, dimensions]),
    halfSquaredNorms: graph.constant([...halfSquaredNorms(mixture.means, dimensions)], [1, count]),
    logWeights: graph.constant(Array.from(mixture.weights, Math.log), [1, count]),
    std: mixture.std,
  };
}

function kernelComponents(
  dataset: DatasetValue,
  { points: count, bandwidth }: { points: number; bandwidth: number },
  context: StageContext,
): Components {
  const dimensions = sizeOf(dataset.sampleShape);
  let points: Promise<Float32Array> | undefined;
  const load = (resources: Resources): Promise<Float32Array> => {
    points ??= readPoints(dataset, count, resources, context.seed);
    return points;
  };
  return {
    means: context.constant("points", "float32", [count, dimensions], load),
    halfSquaredNorms: context.constant("halfSquaredNorms", "float32", [1, count], async (resources) =>
      halfSquaredNorms(await load(resources), dimensions),
    ),
    logWeights: context.graph.constant([0], [1, 1]),
    std: bandwidth,
  };
}

/** `count` training samples, [count, D]; a smaller set is gone through again, which leaves the mixture what it is. */
async function readPoints(
  dataset: DatasetValue,
  count: number,
  resources: Resources,
  seed: number,
): Promise<Float32Array> {
  const reader = await dataset.open(resources, seed);
  const available = reader.count("train");
  if (available === 0) throw new Error(`"${dataset.title}" has no training samples to make a teacher from.`);
  const dimensions = sizeOf(dataset.sampleShape);
  const points = new Float32Array(count * dimensions);
  for (let i = 0; i < count; i++) reader.read("train", i % available, points, i * dimensions);
  return points;
}
