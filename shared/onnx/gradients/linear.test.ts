import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../grad";
import { Graph } from "../graph";
import { einsum, gemm, matMul, reduceSum } from "../ops";
import { derivative, gradientError } from "./check.test-helper";

const dim = fc.integer({ min: 1, max: 4 });

describe("MatMul", () => {
  it.each([
    [
      [2, 3],
      [3, 4],
    ],
    [
      [2, 5, 3],
      [3, 4],
    ],
    [
      [2, 2, 5, 3],
      [3, 1],
    ],
    [
      [2, 5, 3],
      [2, 3, 4],
    ],
    [
      [2, 3],
      [5, 3, 4],
    ],
    [
      [1, 2, 3],
      [5, 3, 4],
    ],
    [
      [2, 1, 2, 3],
      [4, 3, 2],
    ],
    [[3], [3, 4]],
    [[3], [3]],
    [[2, 3], [3]],
    [[2, 4, 3], [3]],
    [[3], [2, 3, 4]],
  ])("%j %j", async (a, b) => {
    expect(await gradientError({ shapes: [a, b], build: matMul })).toBeLessThan(1e-3);
    expect(await gradientError({ shapes: [a, b], build: derivative(matMul) })).toBeLessThan(1e-3);
  });

  it("of any batch", async () => {
    const batch = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(batch, fc.boolean(), fc.boolean(), dim, dim, dim, async (common, left, right, m, k, n) => {
        const ones = common.map(() => 1);
        const shapes = [
          [...(left ? common : ones), m, k],
          [...(right ? common : ones.slice(1)), k, n],
        ];
        expect(await gradientError({ shapes, build: matMul })).toBeLessThan(1e-3);
      }),
      { numRuns: 20, seed: 7 },
    );
  });

  it("of a batch with a matrix is one Gemm for each side", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [8, 5, 3]);
    const w = graph.input("w", "float32", [3, 4]);
    grad(reduceSum(matMul(x, w), { keepdims: false }), [x, w]);
    const ops = graph.nodes.map((node) => node.op);
    expect(ops.filter((op) => op === "Gemm")).toHaveLength(2);
    expect(ops.filter((op) => op === "MatMul")).toHaveLength(1);
  });
});

describe("Gemm", () => {
  it("with every flag and any C", async () => {
    const c = fc.constantFrom("none", "full", "row", "column", "scalar");
    await fc.assert(
      fc.asyncProperty(dim, dim, dim, fc.boolean(), fc.boolean(), c, async (m, k, n, transA, transB, kind) => {
        const shapes = [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n]];
        const bias = { none: null, full: [m, n], row: [n], column: [m, 1], scalar: [] }[kind];
        if (bias !== null) shapes.push(bias);
        const error = await gradientError({
          shapes,
          build: (a, b, bias) => gemm(a, b, bias, { alpha: 0.7, beta: 1.3, transA, transB }),
        });
        expect(error).toBeLessThan(1e-3);
      }),
      { numRuns: 25, seed: 3 },
    );
  });
});

describe("Einsum", () => {
  it.each([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      "bhid,bhjd->bhij",
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
      ],
    ],
    ["ij->ji", [[2, 3]]],
    ["ij->", [[2, 3]]],
    ["bij,j", [[2, 3, 4], [4]]],
    ["ij,k->k", [[2, 3], [4]]],
    ["a,b,c->abc", [[2], [3], [2]]],
    [
      "ij,jk,kl->il",
      [
        [2, 3],
        [3, 2],
        [2, 4],
      ],
    ],
  ])("%s", async (equation, shapes) => {
    expect(await gradientError({ shapes, build: (...x) => einsum(equation, ...x) })).toBeLessThan(1e-3);
    expect(await gradientError({ shapes, build: derivative((...x) => einsum(equation, ...x)) })).toBeLessThan(1e-3);
  });
});
