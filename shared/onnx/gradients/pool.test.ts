import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Graph, type Tensor } from "../graph";
import { averagePool, exp, globalAveragePool, maxPool, mul, square } from "../ops";
import { compile, gradientError, spread } from "./check.test-helper";
import { penalty } from "./penalty.test-helper";

const axis = fc
  .record({
    size: fc.integer({ min: 4, max: 7 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    padBegin: fc.integer({ min: 0, max: 2 }),
    padEnd: fc.integer({ min: 0, max: 2 }),
  })
  .map((a) => ({ ...a, padBegin: Math.min(a.padBegin, a.kernel - 1), padEnd: Math.min(a.padEnd, a.kernel - 1) }));

const anyPool = fc.record({
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  ceilMode: fc.boolean(),
  countIncludePad: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1000 }),
});

type AnyPool = typeof anyPool extends fc.Arbitrary<infer T> ? T : never;

const options = ({ axes, ceilMode }: AnyPool) => ({
  kernelShape: axes.map((a) => a.kernel),
  strides: axes.map((a) => a.stride),
  dilations: axes.map((a) => a.dilation),
  pads: [...axes.map((a) => a.padBegin), ...axes.map((a) => a.padEnd)],
  ceilMode,
});

const shapesOf = ({ axes }: AnyPool) => [[2, 2, ...axes.map((a) => a.size)]];

describe("AveragePool", () => {
  it("has the gradients of finite differences for any window, rounding and counting", () =>
    fc.assert(
      fc.asyncProperty(anyPool, async (c) => {
        const build = (x: Tensor) => averagePool(x, { ...options(c), countIncludePad: c.countIncludePad });
        expect(await gradientError({ shapes: shapesOf(c), build, seed: c.seed })).toBeLessThan(1e-3);
      }),
      { numRuns: 40, seed: 3 },
    ));

  it("takes the short way for windows that tile, and can be differentiated twice", async () => {
    const build = (x: Tensor) => averagePool(square(x), { kernelShape: [2, 3], strides: [2, 3] });
    expect(await gradientError({ shapes: [[2, 3, 4, 6]], build })).toBeLessThan(1e-3);
    expect(await gradientError({ shapes: [[2, 3, 4, 6]], build: penalty(build) })).toBeLessThan(2e-3);
    const overlapping = (x: Tensor) => averagePool(square(x), { kernelShape: [3, 3], pads: [1, 1, 1, 1] });
    expect(await gradientError({ shapes: [[2, 3, 4, 6]], build: penalty(overlapping) })).toBeLessThan(2e-3);
  });
});

describe("GlobalAveragePool", () => {
  it("has the gradients of finite differences, once and twice", async () => {
    const build = (x: Tensor) => globalAveragePool(square(x));
    expect(await gradientError({ shapes: [[2, 3, 4, 5]], build })).toBeLessThan(1e-3);
    expect(await gradientError({ shapes: [[2, 3, 7]], build: penalty(build) })).toBeLessThan(2e-3);
  });
});

describe("MaxPool", () => {
  const distinct = (next: () => number, size: number) => spread(next, size).map((v) => v * 2);

  it("has the gradients of finite differences for any window and rounding", () =>
    fc.assert(
      fc.asyncProperty(anyPool, async (c) => {
        const build = (x: Tensor) => maxPool(x, options(c));
        expect(await gradientError({ shapes: shapesOf(c), build, values: distinct, seed: c.seed })).toBeLessThan(1e-3);
      }),
      { numRuns: 30, seed: 4 },
    ));

  it("can be differentiated twice", async () => {
    const build = (x: Tensor) =>
      maxPool(mul(exp(x), 0.1), { kernelShape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    const small = (next: () => number, size: number) => spread(next, size).map((v) => v * 2);
    expect(await gradientError({ shapes: [[1, 2, 4, 4]], build: penalty(build), values: small })).toBeLessThan(2e-3);
  });

  it("agrees with the runtime about windows that would start in the padding", async () => {
    const g = new Graph();
    const x = g.input("x", "float32", [1, 1, 4, 5]);
    const y = maxPool(x, { kernelShape: [1, 2], strides: [2, 3], ceilMode: true });
    expect(y.shape).toEqual([1, 1, 2, 2]);
    const model = await compile(g, [y]);
    const [values] = await model.run({ x: Float32Array.from({ length: 20 }, (_, i) => i) });
    expect([...values!]).toEqual([1, 4, 11, 14]);
  });
});
