import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../grad";
import { Graph, type Tensor } from "../graph";
import * as op from "../ops";
import { between, compile, derivative, gradientError, spread } from "./check.test-helper";

const positive = between(0.5, 2);

const UNARY: Record<string, { build: (x: Tensor) => Tensor; values?: typeof positive }> = {
  neg: { build: op.neg },
  reciprocal: { build: op.reciprocal, values: positive },
  sqrt: { build: op.sqrt, values: positive },
  exp: { build: op.exp },
  log: { build: op.log, values: positive },
  abs: { build: op.abs, values: spread },
  sin: { build: op.sin },
  cos: { build: op.cos },
  tanh: { build: op.tanh },
  sigmoid: { build: op.sigmoid },
  erf: { build: op.erf },
  softplus: { build: op.softplus },
  relu: { build: op.relu, values: spread },
  leakyRelu: { build: (x) => op.leakyRelu(x, { alpha: 0.2 }), values: spread },
  hardSigmoid: { build: (x) => op.hardSigmoid(x, { alpha: 1, beta: 0.5 }), values: spread },
  "hardSigmoid, defaults": { build: (x) => op.hardSigmoid(x) },
  hardSwish: { build: (x) => op.hardSwish(op.mul(x, 5)), values: spread },
  gelu: { build: (x) => op.gelu(x) },
  "gelu tanh": { build: (x) => op.gelu(x, { approximate: "tanh" }) },
  silu: { build: op.silu },
  "silu with its sigmoid used twice": {
    build: (x) => {
      const s = op.sigmoid(x);
      return op.add(op.mul(s, x), op.mul(s, s));
    },
  },
  square: { build: op.square },
  clip: { build: (x) => op.clip(x, { min: -0.4, max: 0.5 }), values: spread },
  "clip above": { build: (x) => op.clip(x, { max: 0.3 }), values: spread },
  "pow 3": { build: (x) => op.pow(x, 3) },
  "pow 0.5": { build: (x) => op.pow(x, 0.5), values: positive },
  "pow -1.3": { build: (x) => op.pow(x, -1.3), values: positive },
  "number / x": { build: (x) => op.div(2, x), values: positive },
  "number - x": { build: (x) => op.sub(2, x) },
  sign: { build: (x) => op.add(op.sign(x), x), values: spread },
  floor: { build: (x) => op.sub(x, op.floor(op.mul(x, 0.01))), values: positive },
  identity: { build: op.identity },
  dropout: { build: (x) => op.dropout(x) },
  cast: { build: (x) => op.mul(x, op.cast(op.greater(x, 0), "float32")), values: spread },
};

describe("elementwise", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

  it.each(Object.entries(UNARY))("%s", async (_name, { build, values }) => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer(), async (shape, seed) => {
        expect(await gradientError({ shapes: [shape], build, values, seed })).toBeLessThan(1e-3);
        expect(await gradientError({ shapes: [shape], build: derivative(build), values, seed })).toBeLessThan(1e-3);
      }),
      { numRuns: 4, seed: 6 },
    );
  });

  it("pow with an exponent from a file, of another type", async () => {
    for (const exponent of [2, 3, 4]) {
      const build = (x: Tensor) => {
        const power = x.graph.initializer("exponent", "int64", [], () => BigInt64Array.of(BigInt(exponent)));
        return x.graph.add(
          "Pow",
          [x, power],
          [x].map(({ dtype, shape }) => ({ dtype, shape })),
        )[0]!;
      };
      expect(await gradientError({ shapes: [[3, 2]], build })).toBeLessThan(1e-3);
    }
  });

  it("abs has no slope at 0, and no curvature anywhere", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [3]);
    const [dx] = grad(op.reduceSum(op.mul(op.abs(x), 3)), [x]);
    const [ddx] = grad(op.reduceSum(op.mul(dx!, op.add(x, 1))), [x]);
    const model = await compile(graph, [dx!, ddx!]);
    const [slope, second] = await model.run({ x: Float32Array.of(-0.5, 0, 2) });
    expect([...slope!]).toEqual([-3, 0, 3]);
    expect([...second!]).toEqual([-3, 0, 3]);
  });

  it("float16 gradients have float16 values", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const half = op.gelu(op.mul(op.cast(x, "float16"), 2));
    const [dx, dHalf] = grad(op.cast(op.reduceSum(half), "float32"), [x, half]);
    expect([dx!.dtype, dHalf!.dtype]).toEqual(["float32", "float16"]);
  });

  it("a Dropout in training mode is refused by name", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const training = graph.constant([1], [], "bool");
    const [y] = graph.add(
      "Dropout",
      [x, graph.constant([0.5]), training],
      [{ dtype: "float32", shape: [2] }],
      {},
      { name: "drop" },
    );
    expect(() => grad(op.reduceSum(y!), [x])).toThrow('Dropout node "drop" is in training mode');
  });
});
