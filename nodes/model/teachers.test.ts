import type { ConditionValue, DatasetValue, WeightsValue } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { datasetOf, type Sample } from "../testing/dataset";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { gaussianMixture } from "./gaussian-mixture";
import { idealDenoiser } from "./ideal-denoiser";

const schedule = stableDiffusion();
const NODES = [0, 1, 10, 25, 39, 50];

const coefficients = (node: number) => {
  const abar = schedule.alphasCumprod[schedule.timestepOf(node)]!;
  return { alpha: Math.sqrt(abar), sigma: Math.sqrt(1 - abar) };
};

/** E[x0 | x] in float64, by the definition. */
function exactMean(x: number[], node: number, points: readonly (readonly number[])[], weights: number[], std: number) {
  const { alpha, sigma } = coefficients(node);
  const v = alpha ** 2 * std ** 2 + sigma ** 2;
  const logits = points.map(
    (m, k) => Math.log(weights[k]!) - m.reduce((sum, c, d) => sum + (x[d]! - alpha * c) ** 2, 0) / (2 * v),
  );
  const top = Math.max(...logits);
  const r = logits.map((logit) => Math.exp(logit - top));
  const total = r.reduce((sum, value) => sum + value, 0);
  return x.map((value, d) =>
    points.reduce(
      (sum, m, k) => sum + (r[k]! / total) * (m[d]! + ((alpha * std ** 2) / v) * (value - alpha * m[d]!)),
      0,
    ),
  );
}

const random = randomStream(5, "test", 0);
const normals = (count: number) => Array.from({ length: count }, () => random.normal());
const xs = NODES.map((node) => normals(2).map((value) => value * (0.5 + coefficients(node).sigma)));

async function predict(
  teacher: typeof gaussianMixture,
  dataset: DatasetValue,
  params = {},
  classes?: number[],
  x = xs,
  nodes = NODES,
) {
  const stage = newStage(nodes.length);
  const context = contextOf(stage);
  const state = stateInput(stage, schedule, dataset.sampleShape);
  const { weights } = emit(teacher, context, { dataset }, params) as { weights: WeightsValue };
  const condition: ConditionValue | null =
    classes === undefined
      ? null
      : {
          tensors: { class: stage.graph.constant(classes, [classes.length], "int64") },
          nullTensors: {},
          labels: { class: dataset.classes.length },
        };
  const { predX0, eps } = weights.predict!(state, condition);
  return runStage(stage, { predX0, eps }, { x: x.flat(), t: nodes });
}

describe("Gaussian-mixture teacher", () => {
  const means = [
    [-1, 0.5],
    [0.8, -0.3],
    [0.1, 1],
  ];
  const mixture = { means: Float32Array.from(means.flat()), std: 0.1, weights: Float32Array.from([0.5, 0.25, 0.25]) };

  it("is the posterior mean of the data set's own mixture", async () => {
    const dataset = datasetOf([], { sampleShape: [2], mixture });
    const { predX0, eps } = await predict(gaussianMixture, dataset);
    NODES.forEach((node, row) => {
      const exact = exactMean(xs[row]!, node, means, [0.5, 0.25, 0.25], 0.1);
      const { alpha, sigma } = coefficients(node);
      exact.forEach((value, d) => {
        expect(predX0[row * 2 + d]).toBeCloseTo(value, 4);
        expect(eps[row * 2 + d]! * sigma + alpha * value).toBeCloseTo(xs[row]![d]!, 4);
      });
    });
  });

  it("is a kernel mixture for other points, training split only", async () => {
    const samples: Sample[] = [
      ...Array.from({ length: 5 }, () => ({ values: normals(2), classIndex: -1, split: "train" as const })),
      { values: [100, 100], classIndex: -1, split: "heldOut" },
    ];
    const points = samples.slice(0, 5).map((sample) => sample.values);
    const dataset = datasetOf(samples, { sampleShape: [2] });
    const { predX0 } = await predict(gaussianMixture, dataset, { points: 10, bandwidth: 0.2 });
    NODES.forEach((node, row) => {
      exactMean(xs[row]!, node, points, Array(5).fill(0.2), 0.2).forEach((value, d) => {
        expect(predX0[row * 2 + d]).toBeCloseTo(value, 4);
      });
    });
  });

  it("sends images to the ideal denoiser", () => {
    const dataset = datasetOf([], { sampleShape: [3, 32, 32] });
    expect(() => emit(gaussianMixture, contextOf(newStage(1)), { dataset })).toThrow(/\[3, 32, 32\].*ideal denoiser/);
  });
});

describe("ideal denoiser", () => {
  const samples: Sample[] = [
    ...Array.from({ length: 6 }, (_, i) => ({ values: normals(4), classIndex: i % 2, split: "train" as const })),
    { values: [9, 9, 9, 9], classIndex: 0, split: "heldOut" },
  ];
  const dataset = datasetOf(samples, { sampleShape: [1, 2, 2], classes: ["A", "B"], trainCount: 6 });
  const train = samples.slice(0, 6);
  const images = NODES.map((node) => normals(4).map((value) => value * (0.3 + coefficients(node).sigma)));

  const check = (predX0: number[], allowed: (row: number) => Sample[]) =>
    NODES.forEach((node, row) => {
      const points = allowed(row).map((sample) => sample.values);
      exactMean(images[row]!, node, points, Array(points.length).fill(1), 0).forEach((value, d) => {
        expect(predX0[row * 4 + d], `node ${node}`).toBeCloseTo(value, 3);
      });
    });

  it("weighs the training images by their posterior", async () => {
    const { predX0 } = await predict(idealDenoiser, dataset, {}, undefined, images);
    check(predX0, () => train);
  });

  it("keeps to a class, and takes all for the null class", async () => {
    const classes = [0, 1, 0, 1, 2, 2];
    const { predX0 } = await predict(idealDenoiser, dataset, {}, classes, images);
    check(predX0, (row) => (classes[row] === 2 ? train : train.filter((sample) => sample.classIndex === classes[row])));
  });

  it("leaves empty places out when the count is not known", async () => {
    const unknown: DatasetValue = { ...dataset, trainCount: undefined };
    const { predX0 } = await predict(idealDenoiser, unknown, { maxCount: 40 }, [0, 1, 0, 1, 2, 2], images);
    check(predX0, (row) => (row > 3 ? train : train.filter((sample) => sample.classIndex === row % 2)));
  });

  it("thins every class alike", async () => {
    const { predX0 } = await predict(idealDenoiser, dataset, { maxCount: 4 }, [0, 1, 0, 1, 2, 2], images);
    const kept = [0, 1, 2, 3].map((i) => train[i]!);
    check(predX0, (row) => (row > 3 ? kept : kept.filter((sample) => sample.classIndex === row % 2)));
  });

  it("is certain at the clean end", async () => {
    const image = train[3]!.values;
    const { predX0 } = await predict(idealDenoiser, dataset, {}, undefined, [[...image]], [0]);
    predX0.forEach((value, d) => {
      expect(value).toBeCloseTo(image[d]!, 6);
    });
  });

  it("says which class lost all its images", async () => {
    await expect(predict(idealDenoiser, dataset, { maxCount: 1 }, undefined, images)).rejects.toThrow(/class "B"/);
  });
});
