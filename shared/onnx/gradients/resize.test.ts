import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../grad";
import { Graph, type Tensor } from "../graph";
import { type ResizeOptions, reduceSum, resize, square, upsampleNearest } from "../ops";
import { gradientError } from "./check.test-helper";
import { penalty } from "./penalty.test-helper";

const anyResize = fc.record({
  sizes: fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 2,
  }),
  mode: fc.constantFrom("nearest", "linear" as const),
  coordinateMode: fc.constantFrom("asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners" as const),
  nearestMode: fc.constantFrom("floor", "ceil", "round_prefer_floor", "round_prefer_ceil" as const),
  byScales: fc.boolean(),
});

describe("Resize", () => {
  it("has the gradients of finite differences for any size, interpolation and coordinates", () =>
    fc.assert(
      fc.asyncProperty(anyResize, async ({ sizes, byScales, ...modes }) => {
        const from = [2, 2, ...sizes.map(([a]) => a)];
        const to = [2, 2, ...sizes.map(([, b]) => b)];
        // Adding half a cell makes the scales fractional: the coordinates then follow the scale, not the sizes.
        const scales = to.map((size, i) => (i < 2 ? 1 : (size + 0.5) / from[i]!));
        const where: ResizeOptions = byScales ? { scales } : { sizes: to };
        expect(
          await gradientError({ shapes: [from], build: (x: Tensor) => resize(x, { ...where, ...modes }) }),
        ).toBeLessThan(1e-3);
      }),
      { numRuns: 60, seed: 5 },
    ));

  const twice: [string, number[], (x: Tensor) => Tensor][] = [
    ["nearest upsampling", [2, 3, 3, 4], (x) => upsampleNearest(square(x), 2)],
    [
      "bilinear",
      [1, 2, 3, 4],
      (x) => resize(square(x), { sizes: [1, 2, 5, 7], mode: "linear", coordinateMode: "half_pixel" }),
    ],
  ];
  it.each(twice)("can be differentiated twice: %s", async (_, shape, build) => {
    expect(await gradientError({ shapes: [shape], build: penalty(build) })).toBeLessThan(2e-3);
  });

  it("sums blocks of repeated cells by pooling, without matrices", () => {
    const g = new Graph();
    const x = g.input("x", "float32", [2, 3, 8, 8]);
    grad(reduceSum(upsampleNearest(x, 2), { keepdims: false }), [x]);
    const ops = g.nodes.map((node) => node.op);
    expect(ops).toContain("AveragePool");
    expect(ops).not.toContain("MatMul");
  });

  it("refuses sizes that do not name every axis, and interpolation without a rule", () => {
    const g = new Graph();
    const x = g.input("x", "float32", [2, 3, 8, 8]);
    expect(() => resize(x, { sizes: [16, 16] })).toThrow("one for each axis of [2, 3, 8, 8], got [16, 16]");
    const [y] = g.add(
      "Resize",
      [x, null, g.constant([1, 1, 2, 2], [4])],
      [{ dtype: "float32", shape: [2, 3, 16, 16], name: "up/Resize" }],
      {
        mode: { kind: "string", value: "cubic" },
      },
    );
    expect(() => grad(reduceSum(y!, { keepdims: false }), [x])).toThrow("mode = cubic has no gradient rule");
  });
});
