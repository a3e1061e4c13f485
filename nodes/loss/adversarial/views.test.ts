import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { mul, reduceSum } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, newStage, runStage } from "../../testing/stage";
import { cropOrShrink } from "./crop";
import { type AugmentOptions, diffAug } from "./diffAug";

const none: AugmentOptions = { colour: false, translation: 0, cutout: 0 };

async function augmented(
  x: readonly number[],
  shape: readonly number[],
  options: Partial<AugmentOptions>,
  draws: Record<string, number[]>,
) {
  const stage = newStage(shape[0] as number);
  const y = diffAug(stage.graph.input("x", "float32", shape), "fake", { ...none, ...options }, contextOf(stage));
  const feeds = Object.fromEntries(Object.entries(draws).map(([name, v]) => [`random:node.fake.${name}`, v]));
  const result = await runStage(stage, { y }, { x, ...feeds });
  return result.y.map((value) => Math.round(value * 1e5) / 1e5);
}

describe("diffAug", () => {
  it("brightens, then spreads about the pixel's grey, then about the image's mean", async () => {
    // One pixel pair with two channels: [[0, 1], [0.4, 0.2]].
    const found = await augmented(
      [0, 1, 0.4, 0.2],
      [1, 2, 1, 2],
      { colour: true },
      { brightness: [0.1], saturation: [2], contrast: [0.5] },
    );
    // + 0.1: [0.1, 1.1 | 0.5, 0.3]; greys 0.3, 0.7: [-0.1, 1.5 | 0.7, -0.1]; mean 0.5, halved distance.
    expect(found).toEqual([0.2, 1, 0.6, 0.2]);
  });

  it("shifts each sample by itself, and zeros come in", async () => {
    const x = Array.from({ length: 32 }, (_, i) => (i % 16) + 1);
    const found = await augmented(x, [2, 1, 4, 4], { translation: 0.25 }, { shiftY: [1, 0], shiftX: [0, -1] });
    expect(found.slice(0, 16)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0]);
    expect(found.slice(16)).toEqual([0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15]);
  });

  it("blanks a square, cut off at the border", async () => {
    const ones = Array<number>(50).fill(1);
    // round(5 * 0.4) = 2: an even square, whose centre may also be 5.
    const found = await augmented(ones, [2, 1, 5, 5], { cutout: 0.4 }, { cutoutY: [2, 5], cutoutX: [3, 0] });
    const blank = found.flatMap((value, i) => (value === 0 ? [i] : []));
    expect(blank).toEqual([7, 8, 12, 13, 25 + 20]);
  });

  it("draws from the ranges of the reference", () => {
    const stage = newStage(2);
    diffAug(
      stage.graph.input("x", "float32", [2, 3, 32, 32]),
      "real",
      { colour: true, translation: 0.125, cutout: 0.2 },
      contextOf(stage),
    );
    expect(Object.fromEntries(stage.randoms.map(({ stream, distribution }) => [stream, distribution]))).toEqual({
      "node.real.brightness": { kind: "uniform", low: -0.5, high: 0.5 },
      "node.real.saturation": { kind: "uniform", low: 0, high: 2 },
      "node.real.contrast": { kind: "uniform", low: 0.5, high: 1.5 },
      "node.real.shiftY": { kind: "integer", low: -4, high: 4 },
      "node.real.shiftX": { kind: "integer", low: -4, high: 4 },
      "node.real.cutoutY": { kind: "integer", low: 0, high: 32 },
      "node.real.cutoutX": { kind: "integer", low: 0, high: 32 },
    });
  });

  it("passes the gradient that finite differences give", async () => {
    const shape = [2, 3, 5, 5];
    const size = 150;
    const wave = (i: number, k: number) => Math.sin(1.7 * i + k);
    const x = Array.from({ length: size }, (_, i) => wave(i, 0));
    const build = () => {
      const stage = newStage(2);
      const input = stage.graph.input("x", "float32", shape);
      const y = diffAug(input, "fake", { colour: true, translation: 0.2, cutout: 0.4 }, contextOf(stage));
      const pattern = stage.graph.constant(
        Array.from({ length: size }, (_, i) => wave(i, 1)),
        shape,
      );
      return { stage, input, loss: reduceSum(mul(y, pattern), { keepdims: false }) };
    };
    const { stage, input, loss } = build();
    const { gradient } = await runStage(stage, { gradient: grad(loss, [input])[0] as Tensor }, { x });
    // The augmentation is affine in x, so a difference is exact but for rounding.
    for (const i of [0, 7, 31, 58, 77, 102, 149]) {
      const { stage: other, loss: value } = build();
      const at = async (delta: number) =>
        (await runStage(other, { value }, { x: x.with(i, (x[i] as number) + delta) })).value[0] as number;
      const slope = ((await at(0.5)) - (await at(-0.5))) / 1;
      expect(gradient[i]).toBeCloseTo(slope, 3);
    }
  });
});

describe("cropOrShrink", () => {
  const x = Array.from({ length: 16 }, (_, i) => i);
  const run = async (feeds: Record<string, number[]>, size = 2) => {
    const stage = newStage(1);
    const y = cropOrShrink(stage.graph.input("x", "float32", [1, 1, 4, 4]), size, "real", contextOf(stage));
    const result = await runStage(stage, { y }, { x, ...feeds });
    return { y: result.y, shape: y.shape, randoms: stage.randoms };
  };
  const draws = (crop: number, y: number, column: number) => ({
    "random:node.real.crop": [crop],
    "random:node.real.cropY": [y],
    "random:node.real.cropX": [column],
  });

  it("cuts a square out or shrinks by area, by one draw for both sides", async () => {
    expect((await run(draws(0.49, 1, 2))).y).toEqual([6, 7, 10, 11]);
    expect((await run(draws(0.51, 1, 2))).y).toEqual([2.5, 4.5, 10.5, 12.5]);
    expect((await run(draws(0, 0, 0))).randoms.at(-1)?.distribution).toEqual({ kind: "integer", low: 0, high: 2 });
  });

  it("leaves images that are no larger alone", async () => {
    expect((await run({}, 4)).randoms).toEqual([]);
    expect((await run({}, 5)).shape).toEqual([1, 1, 4, 4]);
    expect((await run({}, 0)).y).toEqual(x);
  });
});
