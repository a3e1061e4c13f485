import { describe, expect, it } from "vitest";
import { decodeModel, encodeModel } from "./codec";
import { grad, stopGradient } from "./grad";
import { RULES } from "./gradients";
import { between, compile, dot, gradientError, uniform } from "./gradients/check.test-helper";
import { Graph, type Tensor } from "./graph";
import * as op from "./ops";
import { isStopGradient } from "./ops";

const sum = (x: Tensor) => op.reduceSum(x, { keepdims: false });

const mlp = (x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor): Tensor =>
  op.matMul(op.softplus(op.add(op.matMul(op.tanh(x), w1), b1)), w2);

describe("grad", () => {
  it("adds up all uses of a parameter", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const loss = sum(op.add(op.mul(x, x), op.add(x, op.mul(3, x))));
    const model = await compile(graph, grad(loss, [x]));
    expect([...(await model.run({ x: Float32Array.of(1, -2) }))[0]!]).toEqual([6, 0]);
  });

  it("differentiates for values in the middle of the graph, for the loss itself, and gives zeros where unconnected", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [3]);
    const other = graph.input("other", "float32", [2, 2]);
    const middle = op.exp(x);
    const loss = sum(op.square(middle));
    const model = await compile(graph, [...grad(loss, [middle, other, loss]), op.mul(middle, 2)]);
    const [dMiddle, dOther, dLoss, expected] = await model.run({
      x: Float32Array.of(0, 1, -1),
      other: new Float32Array(4),
    });
    expect(dMiddle).toEqual(expected);
    expect([...dOther!]).toEqual([0, 0, 0, 0]);
    expect([...dLoss!]).toEqual([1]);
  });

  it("gives the sigmoid inside a SiLU its gradient when that is asked for", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const s = op.sigmoid(x);
    const model = await compile(graph, grad(sum(op.mul(x, s)), [s]));
    const both = await compile(graph, grad(sum(op.mul(x, s)), [s, x]).slice(0, 1));
    const feeds = { x: Float32Array.of(3, -2) };
    expect([...(await model.run(feeds))[0]!]).toEqual([3, -2]);
    expect([...(await both.run(feeds))[0]!]).toEqual([3, -2]);
  });

  it("stops at stopGradient, also in a graph read back from a file", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const y = graph.scope("teacher", () => op.mul(x, stopGradient(op.exp(x))));
    const model = await compile(graph, [...grad(sum(y), [x]), op.exp(op.mul(x, 1.5))]);
    const [dx] = await model.run({ x: Float32Array.of(0.5, -1) });
    expect(dx![0]).toBeCloseTo(Math.exp(0.5), 5);
    expect(dx![1]).toBeCloseTo(Math.exp(-1), 5);
    const file = decodeModel(encodeModel(graph, { extraOutputs: [y] }));
    const stopped = file.nodes.filter((node) => node.op === "Identity" && node.name.includes("stopGradient_"));
    expect(stopped).toHaveLength(1);
    expect(isStopGradient(graph.nodes.find((node) => node.name === stopped[0]!.name)!)).toBe(true);
  });

  it("visits only nodes between a parameter and the loss", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const w = graph.input("w", "float32", [2]);
    const [strange] = graph.add("NonZeroish", [x], [{ dtype: "float32", shape: [2] }]);
    graph.add("NonZeroish", [w], [{ dtype: "float32", shape: [2] }]);
    expect(grad(sum(op.mul(strange!, w)), [w])[0]!.shape).toEqual([2]);
  });

  it("names the operator and the node that has no rule", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const [y] = graph.scope("student", () =>
      graph.add("Hardmax", [x], [{ dtype: "float32", shape: [2] }], {}, { name: "student/pick" }),
    );
    expect(() => grad(sum(y!), [x])).toThrow('grad: operator Hardmax (node "student/pick") has no gradient rule.');
  });

  it("refuses losses that are not one number and parameters of other graphs", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    expect(() => grad(x, [x])).toThrow('"x" is float32[2]');
    const foreign = new Graph().input("y", "float32", []);
    expect(() => grad(sum(x), [foreign])).toThrow("parameter y: float32[]");
  });

  it("emits few nodes: a squared error has one product and one scaling", () => {
    const graph = new Graph();
    const prediction = graph.input("prediction", "float32", [64, 3, 32, 32]);
    const target = graph.input("target", "float32", [64, 3, 32, 32]);
    const loss = op.reduceMean(op.square(op.sub(prediction, target)), { keepdims: false });
    const before = graph.nodes.length;
    grad(loss, [prediction]);
    expect(graph.nodes.slice(before).map((node) => node.op)).toEqual(["Mul"]);
  });

  it("is checked by a test that notices wrong rules", async () => {
    const right = RULES.Tanh!;
    const shapes = [[3, 4]];
    const build = (x: Tensor) => op.mul(op.tanh(x), x);
    const wrong = (factor: number) => ({
      ...RULES,
      Tanh: ((context) => right(context).map((g) => g && op.mul(g, factor))) satisfies typeof right,
    });
    expect(await gradientError({ shapes, build })).toBeLessThan(1e-3);
    expect(await gradientError({ shapes, build, rules: wrong(1.03) })).toBeGreaterThan(5e-3);
    expect(await gradientError({ shapes, build, rules: wrong(-1) })).toBeGreaterThan(0.1);
  });
});

describe("the rule table", () => {
  it("has every operator that is promised", () => {
    const promised =
      `Add Sub Mul Div Neg Pow Sqrt Exp Log Abs Sin Cos Tanh Sigmoid Erf Softplus Relu LeakyRelu Gelu Clip
      Min Max Where Sign Cast MatMul Gemm Conv ConvTranspose AveragePool GlobalAveragePool MaxPool Resize Pad Slice
      Concat Split Gather GatherElements ScatterElements Expand Tile Transpose Reshape Flatten Squeeze Unsqueeze
      ReduceSum ReduceMean ReduceMax ReduceMin ReduceL2 Softmax LogSoftmax LayerNormalization GroupNormalization
      InstanceNormalization BatchNormalization Einsum Identity Dropout`.split(/\s+/);
    expect(promised.filter((name) => RULES[name] === undefined)).toEqual([]);
  });
});

describe("second order", () => {
  const shapes = [[5, 3], [3, 4], [4], [4, 1]];

  /** WGAN-GP: mean((|d critic / d x| - 1)^2) (Gulrajani et al. 2017, eq. 3). */
  const penalty = (x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor): Tensor => {
    const [dx] = grad(sum(mlp(x, w1, b1, w2)), [x]);
    return op.reduceMean(op.square(op.sub(op.reduceL2(dx!, { axes: [1] }), 1)), { keepdims: false });
  };

  it("differentiates a gradient penalty", async () => {
    for (const seed of [1, 2, 3]) expect(await gradientError({ shapes, build: penalty, seed })).toBeLessThan(3e-3);
  });

  it("gives Hessian-vector products that are symmetric", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [6]);
    const u = graph.input("u", "float32", [6]);
    const v = graph.input("v", "float32", [6]);
    const [first] = grad(sum(op.sin(op.mul(op.softmax(x), op.exp(x)))), [x]);
    const product = (direction: Tensor) => grad(sum(op.mul(first!, direction)), [x])[0]!;
    const model = await compile(graph, [product(u), product(v)]);
    const next = uniform(3);
    const feeds = { x: between(-1, 1)(next, 6), u: between(-1, 1)(next, 6), v: between(-1, 1)(next, 6) };
    const [hu, hv] = await model.run(feeds);
    expect(dot(hu!, feeds.v)).toBeCloseTo(dot(hv!, feeds.u), 5);
    expect(Math.abs(dot(hu!, feeds.v))).toBeGreaterThan(1e-3);
  });

  it("reaches the third derivative", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", []);
    let y = op.pow(x, 4);
    for (let i = 0; i < 3; i++) [y] = grad(y, [x]) as [Tensor];
    const model = await compile(graph, [y]);
    expect((await model.run({ x: Float32Array.of(1.5) }))[0]![0]).toBeCloseTo(36, 4);
  });
});
