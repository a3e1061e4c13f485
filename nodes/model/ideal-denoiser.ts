import { expr } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { ConditionValue, DatasetReader, DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { add, equal, or, reshape, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { closedForm } from "./closedForm";
import { halfSquaredNorms, posteriorMean } from "./posteriorMean";

/** Leaves an image out of the softmax; far below any logit, far above the end of float32. */
const EXCLUDED = -1e30;

/**
 * The denoiser that minimises the mean squared error over a finite set of images: the posterior-weighted mean
 * predX0 = sum_i softmax_i(-|x - alpha x_i|^2 / (2 sigma^2)) x_i (Karras et al. 2022, eq. 57).
 */
export const idealDenoiser = defineNode({
  type: "model/ideal-denoiser",
  version: 1,
  title: "Ideal denoiser",
  family: "model",
  help:
    "A perfect teacher in closed form, for images: it knows every training image and predicts their posterior-weighted mean. " +
    "A class restricts the set to its images; the null class is the whole set, so guidance works as for any network. Held-out images are never used.",
  formula: "x̂₀ = Σ softmax_i(−|x − α x_i|² / 2σ²) x_i",
  source: "Karras et al. 2022, appendix B.3, eq. 57",
  inputs: { dataset: wire.dataset },
  outputs: { weights: wire.weights },
  params: z.object({
    maxCount: z.number().int().min(1).max(100_000).default(8192).meta({
      title: "Images at most",
      description: "A larger training split is thinned evenly. Work and memory grow with it.",
    }),
  }),
  terms: (_inputs, _params, { name }) => ({ weights: { expr: expr(name("φ")) } }),
  emit({ dataset }, { maxCount }, context) {
    const count = Math.min(maxCount, knownCount(dataset, context.resources) ?? maxCount);
    const size = sizeOf(dataset.sampleShape);
    let images: Promise<ImageSet> | undefined;
    const load = (resources: Resources): Promise<ImageSet> => {
      images ??= readImages(dataset, count, resources, context.seed);
      return images;
    };
    const means = context.constant("images", "float32", [count, size], async (r) => (await load(r)).pixels);
    const norms = context.constant("halfSquaredNorms", "float32", [1, count], async (r) =>
      halfSquaredNorms((await load(r)).pixels, size),
    );
    const presence = context.constant("presence", "float32", [1, count], async (r) => (await load(r)).presence);
    const classIds = () => context.constant("classes", "int64", [1, count], async (r) => (await load(r)).classes);
    return {
      weights: closedForm(context, dataset.sampleShape, (x, condition) => {
        const mask = classMask(condition, dataset, classIds, context);
        const logWeights = mask === null ? presence : add(presence, where(mask, 0, EXCLUDED));
        return posteriorMean(x, { means, halfSquaredNorms: norms, logWeights, std: 0 });
      }),
    };
  },
});

/** bool [B, K]: which images a row's class allows; null when there is no class to go by. */
function classMask(
  condition: ConditionValue | null,
  dataset: DatasetValue,
  classIds: () => Tensor,
  context: StageContext,
): Tensor | null {
  const wanted = condition?.tensors.class;
  if (condition === null || wanted === undefined || dataset.classes.length === 0) return null;
  if (condition.labels.class !== dataset.classes.length) {
    context.fail(
      `the condition knows ${condition.labels.class} classes, "${dataset.title}" has ${dataset.classes.length}. Use one data set for both.`,
      "dataset",
      "condition-mismatch",
    );
  }
  const column = reshape(wanted, [wanted.shape[0] as number, 1]);
  return or(equal(column, classIds()), equal(column, dataset.classes.length));
}

interface ImageSet {
  /** [K, D] */
  readonly pixels: Float32Array;
  /** [K] */
  readonly classes: BigInt64Array;
  /** [K] 0 for an image, EXCLUDED for a place that is not filled. */
  readonly presence: Float32Array;
}

/** Training samples where that is known before reading; the graph's constants have to have a shape. */
const knownCount = (dataset: DatasetValue, resources: Resources): number | undefined =>
  dataset.trainCount ?? resources.dataset(dataset.id)?.count;

async function readImages(dataset: DatasetValue, count: number, resources: Resources, seed: number): Promise<ImageSet> {
  const reader = await dataset.open(resources, seed);
  const available = reader.count("train");
  if (available === 0) throw new Error(`"${dataset.title}" has no training images to make a teacher from.`);
  const size = sizeOf(dataset.sampleShape);
  const pixels = new Float32Array(count * size);
  const classes = new BigInt64Array(count).fill(-1n);
  const presence = new Float32Array(count).fill(EXCLUDED);
  thinned(reader, Math.max(dataset.classes.length, 1), count).forEach(({ index, classIndex }, i) => {
    classes[i] = BigInt(
      reader.read("train", index, pixels, i * size, dataset.classes.length === 0 ? undefined : classIndex).class,
    );
    presence[i] = 0;
  });
  const missing = dataset.classes.findIndex((_, index) => !classes.includes(BigInt(index)));
  if (missing >= 0) {
    throw new Error(`"${dataset.title}": none of the ${count} images taken is of class "${dataset.classes[missing]}".`);
  }
  return { pixels, classes, presence };
}

/** Up to `count` training samples, an even choice of every class: whole classes, or the same share of each. */
function thinned(reader: DatasetReader, classes: number, count: number): { index: number; classIndex: number }[] {
  const available = Array.from({ length: classes }, (_, c) => reader.count("train", classes === 1 ? undefined : c));
  const total = available.reduce((sum, n) => sum + n, 0);
  let budget = Math.min(count, total);
  return available.flatMap((n, classIndex) => {
    const rest = available.slice(classIndex).reduce((sum, m) => sum + m, 0);
    const taken = Math.round((budget * n) / Math.max(rest, 1));
    budget -= taken;
    return Array.from({ length: taken }, (_, i) => ({ index: Math.floor((i * n) / taken), classIndex }));
  });
}
