import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../graph";
import * as op from "../ops";
import { derivative, gradientError, spread } from "./check.test-helper";

const REDUCTIONS = {
  reduceSum: op.reduceSum,
  reduceMean: op.reduceMean,
  reduceMax: op.reduceMax,
  reduceMin: op.reduceMin,
  reduceL2: op.reduceL2,
  reduceSumSquare: op.reduceSumSquare,
  reduceLogSumExp: op.reduceLogSumExp,
};

const shapeAndAxes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.option(
      fc.subarray(
        shape.map((_, i) => i - (i % 2 === 0 ? 0 : shape.length)),
        { minLength: 1 },
      ),
      { nil: undefined },
    ),
    fc.boolean(),
  ),
);

describe("reductions", () => {
  it.each(Object.entries(REDUCTIONS))("%s", async (_name, reduce) => {
    await fc.assert(
      fc.asyncProperty(shapeAndAxes, async ([shape, axes, keepdims]) => {
        const build = (x: Tensor) => op.softplus(op.mul(reduce(x, { axes, keepdims }), 0.1));
        const values = (next: () => number, size: number) => spread(next, size).map((v) => Math.min(v, 6));
        expect(await gradientError({ shapes: [shape], build, values })).toBeLessThan(1e-3);
        expect(await gradientError({ shapes: [shape], build: derivative(build), values })).toBeLessThan(1e-3);
      }),
      { numRuns: 15, seed: 4 },
    );
  });

  it.each([
    ["softmax", op.softmax],
    ["logSoftmax", op.logSoftmax],
  ])("%s", async (_name, build) => {
    for (const axis of [0, 1, -1]) {
      expect(await gradientError({ shapes: [[3, 4, 5]], build: (x) => build(x, { axis }) })).toBeLessThan(1e-3);
      const slope = derivative((x) => build(x, { axis }));
      expect(await gradientError({ shapes: [[3, 4, 5]], build: slope })).toBeLessThan(1e-3);
    }
  });
});
