import type { NodeDefinition, ScoredPath } from "@distillery/shared/graph/node";
import { concat, flatten, mul, reduceMean, reshape } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { ownLabel } from "../time/labels";
import { aesthetic } from "./aesthetic";
import { featureDistance } from "./feature-distance";
import { judge } from "./judge";
import { psnr } from "./psnr";
import { selfConsistency } from "./self-consistency";
import { ssim } from "./ssim";
import { styleSimilarity } from "./style-similarity";

/** Emits a scorer as its stage does. */
function score(
  definition: NodeDefinition,
  stage: ReturnType<typeof newStage>,
  inputs: object,
  path: ScoredPath,
  given = {},
) {
  const params = z.record(z.string(), z.unknown()).parse(definition.params.parse(given));
  const names = Object.keys(definition.inputs);
  const values = Object.fromEntries(names.map((name) => [name, Reflect.get(inputs, name)]));
  return definition.scorer!.emit(values as Record<string, never>, params, contextOf(stage), path);
}

/** Two pictures of 1 x 1 pixels with two channels. */
const pixels = (stage: ReturnType<typeof newStage>, name: string) => stage.graph.input(name, "float32", [2, 2, 1, 1]);
const labels = (stage: ReturnType<typeof newStage>, name: string, index: number[], count = 2) => ({
  tensors: { [name]: stage.graph.constant(index, [index.length], "int64") },
  nullTensors: {},
  labels: { [name]: count },
});

/** Sees the two channels themselves, and takes them for the scores of two classes. */
const channels = formulaEncoder((images) => ({
  layers: [
    reshape(images, [images.shape[0] as number, 2, -1]),
    mul(reshape(images, [images.shape[0] as number, 2, -1]), 3),
  ],
  embedding: flatten(images),
  logits: { class: flatten(images) },
}));

describe("style similarity", () => {
  it("is the cosine to the right answer, and the mean cosine to the references of the class", async () => {
    const stage = newStage(2, "start");
    const inputs = {
      weights: channels,
      answer: { x: pixels(stage, "answer") },
      references: { x: pixels(stage, "references") },
      condition: labels(stage, "class", [0, 1]),
      referenceCondition: labels(stage, "class", [0, 0]),
    };
    const values = score(styleSimilarity, stage, inputs, { image: pixels(stage, "image"), states: [] });
    const result = await runStage(stage, values, {
      image: [1, 0, 0, 1],
      answer: [0.3, 0.4, 0, 0.5],
      references: [0.5, 0, 0.6, 0.8],
    });
    expect(result.styleSimilarity![0]).toBeCloseTo(0.6, 6);
    expect(result.styleSimilarity![1]).toBeCloseTo(1, 6);
    expect(result.styleSimilarityToReferences![0]).toBeCloseTo((1 + 0.6) / 2, 6);
    // There is no reference of the second class.
    expect(result.styleSimilarityToReferences![1]).toBeNaN();
  });

  it("wants something to compare with, and both conditions or none", () => {
    const stage = newStage(2, "start");
    const path = { image: pixels(stage, "image"), states: [] };
    expect(() => score(styleSimilarity, stage, { weights: channels }, path)).toThrow("no style to compare with");
    const inputs = { weights: channels, references: { x: path.image }, condition: labels(stage, "class", [0, 1]) };
    expect(() => score(styleSimilarity, stage, inputs, path)).toThrow("both conditions");
  });
});

describe("judge", () => {
  it("counts pictures that are taken for the style they were to become; unknown labels count for nothing", async () => {
    const stage = newStage(2, "start");
    const inputs = { weights: channels, condition: labels(stage, "class", [1, 2]) };
    const values = score(judge, stage, inputs, { image: pixels(stage, "image"), states: [] });
    const result = await runStage(stage, values, { image: [0.1, 0.9, 1, 0] });
    expect(Object.keys(result)).toEqual(["styleAccuracy"]);
    expect(result.styleAccuracy).toEqual([1, Number.NaN]);
  });

  it("refuses labels of another data set, and encoders that classify nothing", () => {
    const stage = newStage(2, "start");
    const path = { image: pixels(stage, "image"), states: [] };
    const condition = labels(stage, "class", [1, 2], 3);
    expect(() => score(judge, stage, { weights: channels, condition }, path)).toThrow('2 values of "class"');
    const mute = formulaEncoder((images) => ({ layers: [], embedding: flatten(images) }));
    expect(() => score(judge, stage, { weights: mute, condition }, path)).toThrow("classifies nothing");
  });
});

it("the feature distance compares directions of channel vectors, layer by layer", async () => {
  const stage = newStage(2, "start");
  const inputs = { weights: channels, answer: { x: pixels(stage, "answer") }, source: { x: pixels(stage, "source") } };
  const values = score(featureDistance, stage, inputs, { image: pixels(stage, "image"), states: [] });
  const result = await runStage(stage, values, {
    image: [1, 0, 0.2, 0],
    answer: [0, 1, 0.6, 0.8],
    source: [0.5, 0, 1, 0],
  });
  expect(result.featureDistance![0]).toBeCloseTo(2, 5);
  expect(result.featureDistance![1]).toBeCloseTo(0.4 ** 2 + 0.8 ** 2, 5);
  expect(result.featureDistanceToSource![0]).toBeCloseTo(0, 5);
});

it("self-consistency compares the clean predictions from two states of a path", async () => {
  const stage = newStage(2, "start");
  const label = ownLabel("path", "a time on the path", 0, 50);
  const states = ["a", "b"].map((suffix) => stateInput(stage, stableDiffusion(50, "sample"), [2], label, suffix));
  const weights = formulaWeights(({ x }) => mul(x, 0.5));
  const image = stage.graph.input("image", "float32", [2, 2]);
  const values = score(selfConsistency, stage, { weights }, { image, states });
  const feeds = { xa: [1, 1, 4, 0], xb: [1, 1, 0, 2], ta: [39, 39], tb: [20, 20] };
  const result = await runStage(stage, values, { ...feeds, image: [0, 0, 0, 0] });
  expect(result.selfConsistencyError).toEqual([0, (2 ** 2 + 1 ** 2) / 2]);
});

it("scores refuse what they cannot look at, on the socket where it arrives", () => {
  const stage = newStage(2, "start");
  const points = { image: stage.graph.input("points", "float32", [2, 2]), states: [] };
  const small = { image: stage.graph.input("small", "float32", [2, 3, 8, 8]), states: [] };
  const weights = formulaEncoder((images) => ({
    layers: [],
    embedding: reduceMean(images, { axes: [2, 3], keepdims: false }),
  }));
  expect(() => score(psnr, stage, { answer: { x: points.image } }, points)).toThrow(
    "pictures [channels, height, width]",
  );
  expect(() => score(ssim, stage, { answer: { x: small.image } }, small)).toThrow("at least 11 x 11");
  expect(() => score(psnr, stage, {}, small)).toThrow(expect.objectContaining({ socket: "answer" }));
  const wide = { x: concat([small.image, small.image], { axis: 3 }) };
  expect(() => score(psnr, stage, { source: wide }, small)).toThrow(expect.objectContaining({ socket: "source" }));
  expect(() => score(featureDistance, stage, { weights, answer: { x: small.image } }, small)).toThrow(
    "no hooked layers",
  );
  expect(() => score(aesthetic, stage, { weights }, small)).toThrow("Choose a model");
});
