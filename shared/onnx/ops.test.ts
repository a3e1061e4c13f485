import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "./gradients/check.test-helper";
import { Graph, type Tensor } from "./graph";
import * as op from "./ops";

/** Values of ops of one input, computed by ONNX Runtime; `compile` checks every shape on the way. */
async function values(x: Float32Array, shape: readonly number[], build: (x: Tensor) => Tensor): Promise<number[]> {
  const graph = new Graph();
  const out = build(graph.input("x", "float32", shape));
  // The product keeps ONNX Runtime from folding constants away and makes every type float32.
  const scaled = op.mul(op.cast(out, "float32"), graph.input("one", "float32", []));
  const model = await compile(graph, [scaled]);
  const [result] = await model.run({ x, one: Float32Array.of(1) });
  await model.release();
  return Array.from(result!);
}

const range = (n: number) => Float32Array.from({ length: n }, (_, i) => i);

describe("shapes", () => {
  it("broadcast as numpy does, and refuse with both shapes and the place", () => {
    const graph = new Graph();
    const a = graph.input("a", "float32", [4, 1, 3]);
    expect(op.add(a, graph.input("b", "float32", [5, 1])).shape).toEqual([4, 5, 3]);
    const c = graph.input("c", "float32", [4]);
    expect(() => graph.scope("loss", () => op.mul(a, c))).toThrow(
      'Mul in "loss": shapes [4, 1, 3] and [4] do not broadcast (a, c).',
    );
  });

  it("refuse mixed types", () => {
    const graph = new Graph();
    const a = graph.input("a", "float32", [2]);
    const i = graph.input("i", "int64", [2]);
    expect(() => op.add(a, i)).toThrow("Add: inputs must have one type, got a: float32[2] and i: int64[2].");
    expect(() => op.where(a, a, a)).toThrow("must be bool");
    expect(() => op.gather(a, a)).toThrow("indices must be int64 or int32");
    expect(() => op.add(1, 2)).toThrow("at least one operand must be a tensor");
  });

  it.each<[string, (x: Tensor) => Tensor]>([
    ["MatMul: shapes [2, 3] and [2, 3] do not multiply.", (x) => op.matMul(x, x)],
    ["Gemm: shapes [2, 3] and [2, 3] do not multiply.", (x) => op.gemm(x, x)],
    [
      "C of shape [5] does not broadcast to the product's [2, 2].",
      (x) => op.gemm(x, x, vector(x, 5), { transB: true }),
    ],
    [
      'Einsum: equation "ij,jk->ik" needs one size for "j", got shapes [2, 3] and [2, 3].',
      (x) => op.einsum("ij,jk->ik", x, x),
    ],
    ["has 6 elements and does not fit [4, -1]", (x) => op.reshape(x, [4, -1])],
    ["[0, 0] is no order of the 2 axes", (x) => op.transpose(x, [0, 0])],
    ["shapes [2, 3] and [5] do not join along axis 0.", (x) => op.concat([x, vector(x, 5)], { axis: 0 })],
    ["pieces [1, 2] do not add up to axis 0", (x) => op.split(x, { split: [1, 2] })[0]!],
    ["[2, 3] does not broadcast to [4, 3].", (x) => op.expand(x, [4, 3])],
    ["axis 2 is outside the 2 dimensions", (x) => op.softmax(x, { axis: 2 })],
    ["axes [0, -2] of x: float32[2, 3] name a dimension twice", (x) => op.reduceSum(x, { axes: [0, -2] })],
    ["axis 0 of x: float32[2, 3] is not of size 1", (x) => op.squeeze(x, [0])],
  ])("%s", (message, build) => {
    expect(() => build(new Graph().input("x", "float32", [2, 3]))).toThrow(message);
  });

  const vector = (x: Tensor, n: number) => x.graph.input("vector", "float32", [n]);
});

describe("values", () => {
  it("of any slice are those Python takes", async () => {
    const bound = fc.integer({ min: -9, max: 9 });
    await fc.assert(
      fc.asyncProperty(bound, bound, fc.constantFrom(-3, -1, 1, 2), async (start, end, step) => {
        const indices = op.sliceIndices(6, start, end, step);
        fc.pre(indices.length > 0);
        const got = await values(range(6), [6], (x) => op.slice(x, { starts: [start], ends: [end], steps: [step] }));
        expect(got).toEqual(indices);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it.each<[string, number[], (x: Tensor) => Tensor, number[]]>([
    ["argMax", [2, 3], (x) => op.argMax(op.mul(x, -1), { axis: 1, keepdims: false }), [0, 0]],
    ["argMin", [2, 3], (x) => op.argMin(op.mul(x, -1), { axis: 0 }), [1, 1, 1]],
    ["floor", [4], (x) => op.floor(op.div(x, 2)), [0, 0, 1, 1]],
    ["ceil", [4], (x) => op.ceil(op.div(x, 2)), [0, 1, 1, 2]],
    ["round", [4], (x) => op.round(op.div(x, 2)), [0, 0, 1, 2]],
    ["mod", [4], (x) => op.mod(op.cast(x, "int64"), 3), [0, 1, 2, 0]],
    ["comparisons", [4], (x) => op.or(op.less(x, 1), op.and(op.greater(x, 1), op.not(op.equal(x, 2)))), [1, 0, 0, 1]],
    ["xor", [4], (x) => op.xor(op.lessOrEqual(x, 2), op.greaterOrEqual(x, 2)), [1, 1, 0, 1]],
    ["isNan", [3], (x) => op.isNan(op.div(x, x)), [1, 0, 0]],
    ["where with numbers", [3], (x) => op.where(op.greater(x, 1), 5, 7), [7, 7, 5]],
    ["clip", [4], (x) => op.clip(x, { min: 1, max: 2 }), [1, 1, 2, 2]],
    ["dropout", [3], (x) => op.dropout(x, { ratio: 0.9 }), [0, 1, 2]],
    ["full", [2], (x) => op.mul(op.add(op.full(x.graph, [2], 3), x), 1), [3, 4]],
    ["float16 numbers", [2], (x) => op.add(op.cast(x, "float16"), 0.5), [0.5, 1.5]],
    ["gather", [2, 3], (x) => op.gather(x, x.graph.constant([2, 0], [2], "int64"), { axis: 1 }), [2, 0, 5, 3]],
    ["pad", [2], (x) => op.pad(x, [1, 2], { value: 9 }), [9, 0, 1, 9, 9]],
    ["tile", [2], (x) => op.tile(x, [2]), [0, 1, 0, 1]],
  ])("%s", async (_name, shape, build, expected) => {
    expect(await values(range(shape.reduce((n, d) => n * d, 1)), shape, build)).toEqual(expected);
  });
});

describe("folding", () => {
  it("does scalar arithmetic while building and drops neutral elements", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    expect(op.add(x, 0)).toBe(x);
    expect(op.mul(1, x)).toBe(x);
    expect(op.div(x, 1)).toBe(x);
    expect(op.sub(x, 0)).toBe(x);
    expect(graph.scalarValue(op.sub(op.mul(graph.constant([3]), 2), 4))).toBe(2);
    expect(graph.nodes).toHaveLength(0);
    expect(op.sub(0, x)).not.toBe(x);
    expect(op.add(graph.input("s", "float32", []), graph.constant([0], [1])).shape).toEqual([1]);
  });
});
