import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Graph, type Tensor } from "../graph";
import * as op from "../ops";
import { between, compile, derivative, gradientError, spread } from "./check.test-helper";
import { sumTo } from "./sumTo";

const positive = between(0.5, 2);

const BINARY: Record<string, { build: (a: Tensor, b: Tensor) => Tensor; values?: typeof positive }> = {
  add: { build: op.add },
  sub: { build: op.sub },
  mul: { build: op.mul },
  div: { build: op.div, values: positive },
  pow: { build: op.pow, values: positive },
  "mean of squared difference": { build: (a, b) => op.reduceMean(op.square(op.sub(a, b))) },
  where: { build: (a, b) => op.where(op.greater(op.add(op.mul(a, 0), 1), 0), op.mul(a, b), op.sub(a, b)) },
  "where, else": { build: (a, b) => op.where(op.less(op.add(op.mul(a, 0), 1), 0), a, b) },
};

/** Two shapes that broadcast: a common shape from which each side drops leading axes and shrinks others to 1. */
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 }).chain((common) => {
  const side = fc
    .tuple(
      fc.integer({ min: 0, max: common.length }),
      fc.array(fc.boolean(), { minLength: common.length, maxLength: common.length }),
    )
    .map(([drop, shrink]) => common.map((d, i) => (shrink[i] ? 1 : d)).slice(drop));
  return fc.tuple(side, side);
});

describe("broadcast gradients", () => {
  it.each(Object.entries(BINARY))("%s", async (_name, { build, values }) => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer(), async (pair, seed) => {
        expect(await gradientError({ shapes: pair, build, values, seed })).toBeLessThan(1e-3);
        expect(await gradientError({ shapes: pair, build: derivative(build), values, seed })).toBeLessThan(1e-3);
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  it.each([
    ["min", op.min],
    ["max", op.max],
  ])("%s", async (_name, build) => {
    const values = (next: () => number, size: number, index: number) =>
      spread(next, size).map((v) => v * 2.2 + 0.11 * index);
    for (const pair of [
      [[3, 4], [4]],
      [
        [2, 1, 3],
        [4, 1],
      ],
      [[], [5]],
    ]) {
      expect(await gradientError({ shapes: pair, build, values })).toBeLessThan(1e-3);
    }
  });

  it("gives the limits of Clip their share", async () => {
    const build = (x: Tensor, low: Tensor, high: Tensor) => op.clip(x, { min: op.sub(low, 1), max: op.add(high, 1) });
    const values = (next: () => number, size: number, index: number) =>
      index === 0 ? spread(next, size).map((v) => 2 * v) : new Float32Array(size).fill(0.03);
    expect(await gradientError({ shapes: [[6, 5], [], []], build, values })).toBeLessThan(1e-3);
  });
});

describe("sumTo", () => {
  it("equals summing the gradient spread to its full shape", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer(), async ([to, lazy], seed) => {
        const graph = new Graph();
        const from = op.broadcast(to, lazy)!;
        const g = graph.input("g", "float32", lazy);
        const quick = op.expand(sumTo(g, from, to), to);
        const full = op.expand(sumTo(op.expand(g, from), from, to), to);
        const model = await compile(graph, [op.mul(quick, 1.5), op.mul(full, 1.5)]);
        const [a, b] = await model.run({ g: Float32Array.from({ length: g.size }, (_, i) => Math.sin(seed + i)) });
        await model.release();
        a!.forEach((v, i) => {
          expect(v).toBeCloseTo(b![i]!, 4);
        });
      }),
      { numRuns: 30, seed: 2 },
    );
  });

  it("needs no node where nothing was broadcast", () => {
    const graph = new Graph();
    const g = graph.input("g", "float32", [2, 3]);
    expect(sumTo(g, [2, 3], [2, 3])).toBe(g);
    expect(sumTo(g, [2, 3], [3]).shape).toEqual([3]);
    expect(graph.nodes.map((node) => node.op)).toEqual(["ReduceSum"]);
  });
});
