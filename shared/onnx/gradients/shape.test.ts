import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../graph";
import * as op from "../ops";
import { derivative, gradientError } from "./check.test-helper";

const CASES: [string, number[][], (...x: Tensor[]) => Tensor][] = [
  ["reshape", [[2, 6]], (x) => op.reshape(x, [3, -1])],
  ["flatten", [[2, 3, 4]], (x) => op.flatten(x, { axis: 2 })],
  ["squeeze", [[2, 1, 3, 1]], (x) => op.squeeze(x, [-1])],
  ["squeeze all", [[2, 1, 3, 1]], (x) => op.squeeze(x)],
  ["unsqueeze", [[2, 3]], (x) => op.unsqueeze(x, [0, -1])],
  ["transpose", [[2, 3, 4]], (x) => op.transpose(x, [2, 0, 1])],
  ["transpose reversed", [[2, 3, 4]], (x) => op.transpose(x)],
  [
    "concat",
    [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
    (...x) => op.concat(x, { axis: -1 }),
  ],
  ["concat with a constant", [[2, 2]], (x) => op.concat([op.zeros(x.graph, [2, 2]), x], { axis: 0 })],
  ["split", [[2, 6]], (x) => op.mul(op.split(x, { axis: 1, split: [2, 4] })[1]!, 2)],
  ["split, both", [[4, 3]], (x) => op.mul(...(op.split(x, { split: [2, 2] }) as [Tensor, Tensor]))],
  ["slice", [[5, 6]], (x) => op.slice(x, { axes: [-1], starts: [1], ends: [-2] })],
  ["slice with steps", [[7, 6]], (x) => op.slice(x, { starts: [1, 0], ends: [7, 4], steps: [3, 1] })],
  ["slice backwards", [[5, 4]], (x) => op.slice(x, { starts: [-1], ends: [-100], steps: [-2] })],
  ["pad", [[2, 3]], (x) => op.pad(x, [1, 0, 0, 2], { value: 0.5 })],
  ["pad and crop", [[4, 3]], (x) => op.pad(x, [-1, 1, 0, 2])],
  ["pad reflect", [[4, 5]], (x) => op.pad(x, [2, 0, 1, 3], { mode: "reflect" })],
  ["pad edge", [[2, 3]], (x) => op.pad(x, [1, 2, 1, 0], { mode: "edge" })],
  ["pad wrap", [[3, 4]], (x) => op.pad(x, [0, 2, 1, 3], { mode: "wrap" })],
  ["expand", [[3, 1]], (x) => op.expand(x, [2, 3, 4])],
  ["tile", [[2, 3]], (x) => op.tile(x, [3, 2])],
  ["gather", [[4, 3]], (x) => op.gather(x, x.graph.constant([3, 0, 3, -2], [2, 2], "int64"))],
  ["gather along 1", [[2, 4, 2]], (x) => op.gather(x, x.graph.constant([3, 0, 3], [3], "int64"), { axis: 1 })],
  ["gather one", [[2, 4]], (x) => op.gather(x, x.graph.constant([-3], [], "int64"), { axis: 1 })],
  ["gather by int32", [[4, 2]], (x) => op.gather(x, x.graph.constant([1, 1], [2], "int32"))],
  [
    "gatherElements",
    [[3, 2]],
    (x) => op.gatherElements(x, x.graph.constant([0, 0, 2, 1], [2, 2], "int64"), { axis: 0 }),
  ],
  [
    "scatterElements",
    [
      [4, 3],
      [2, 3],
    ],
    (x, u) => op.scatterElements(x, x.graph.constant([0, 1, 2, 3, 2, 1], [2, 3], "int64"), u),
  ],
  [
    "scatterElements, add",
    [
      [3, 4],
      [3, 2],
    ],
    (x, u) =>
      op.scatterElements(x, x.graph.constant([1, 1, 0, 2, 3, 3], [3, 2], "int64"), u, { axis: 1, reduction: "add" }),
  ],
];

describe("shape operators", () => {
  it.each(CASES)("%s", async (_name, shapes, build) => {
    expect(await gradientError({ shapes, build })).toBeLessThan(1e-3);
    expect(await gradientError({ shapes, build: derivative(build) })).toBeLessThan(1e-3);
  });

  it("any slice", async () => {
    const bound = fc.integer({ min: -8, max: 8 });
    const step = fc.integer({ min: -3, max: 3 }).filter((n) => n !== 0);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), bound, bound, step, async (n, start, end, by) => {
        fc.pre(op.sliceIndices(n, start, end, by).length > 0);
        const build = (x: Tensor) => op.slice(x, { axes: [1], starts: [start], ends: [end], steps: [by] });
        expect(await gradientError({ shapes: [[2, n]], build })).toBeLessThan(1e-3);
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  /** A shape and an operator that fits it, chosen together. */
  const anyOperator = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
    const axis = fc.integer({ min: 0, max: shape.length - 1 });
    const perAxis = <T>(value: fc.Arbitrary<T>, times = 1) =>
      fc.array(value, { minLength: times * shape.length, maxLength: times * shape.length });
    const operator: fc.Arbitrary<(x: Tensor) => Tensor> = fc.oneof(
      fc
        .shuffledSubarray(
          shape.map((_, i) => i),
          { minLength: shape.length },
        )
        .map((perm) => (x: Tensor) => op.transpose(x, perm)),
      perAxis(fc.integer({ min: 0, max: 2 }), 2).map((pads) => (x: Tensor) => op.pad(x, pads)),
      perAxis(fc.integer({ min: 0, max: 3 }), 2).map((pads) => (x: Tensor) => op.pad(x, pads, { mode: "edge" })),
      perAxis(fc.integer({ min: 1, max: 3 })).map((repeats) => (x: Tensor) => op.tile(x, repeats)),
      fc.integer({ min: 1, max: 3 }).map((n) => (x: Tensor) => op.expand(x, [n, ...shape])),
      axis.map((at) => (x: Tensor) => op.flatten(x, { axis: at })),
      axis.map((at) => (x: Tensor) => op.unsqueeze(x, [at, at + 1])),
      axis.map((at) => (x: Tensor) => op.concat([x, op.square(x), x], { axis: at })),
      axis.map(
        (at) => (x: Tensor) =>
          op.split(
            op.tile(
              x,
              shape.map((_, i) => (i === at ? 2 : 1)),
            ),
            { axis: at, split: [1, 2 * shape[at]! - 1] },
          )[1]!,
      ),
      fc.tuple(axis, fc.array(fc.nat(), { minLength: 1, maxLength: 5 })).map(([at, picks]) => (x: Tensor) => {
        const indices = picks.map((pick) => (pick % (2 * shape[at]!)) - shape[at]!);
        return op.gather(x, x.graph.constant(indices, [indices.length], "int64"), { axis: at });
      }),
    );
    return fc.tuple(fc.constant(shape), operator);
  });

  it("any operator on any shape", async () => {
    await fc.assert(
      fc.asyncProperty(anyOperator, fc.integer(), async ([shape, build], seed) => {
        expect(await gradientError({ shapes: [shape], build, seed })).toBeLessThan(1e-3);
      }),
      { numRuns: 80, seed: 8 },
    );
  });
});
