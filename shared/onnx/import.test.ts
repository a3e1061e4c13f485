import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { encodeModel, encodeModelFiles } from "./codec";
import { Graph, type Tensor } from "./graph";
import { importModel } from "./import";
import { add, conv, matMul, relu, reshape, resize } from "./ops";

const unet = readFileSync(new URL("./fixtures/unet.onnx", import.meta.url));
const oracle = shapeOracle;

/** relu(conv(x)) W, with weights of 4 * 3 * 9 and 16 numbers. */
function small(): Graph {
  const graph = new Graph("small");
  const x = graph.input("x", "float32", [1, 3, 4, 4]);
  const kernel = graph.initializer("conv.weight", "float32", [4, 3, 3, 3], () => new Float32Array(108).fill(0.1));
  const matrix = graph.initializer("onnx::MatMul_7", "float32", [4, 4], () =>
    Float32Array.from({ length: 16 }, (_, i) => i),
  );
  const h = relu(conv(x, kernel, null, { pads: [1, 1, 1, 1] }));
  const y = graph.scope("/head", () => matMul(h, matrix));
  graph.output(resize(reshape(y, [1, 4, 4, 4]), { scales: [1, 1, 2, 2] }));
  return graph;
}

async function run(graph: Graph, x: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const input = graph.inputs[0]!;
  const result = await session.run({ [input.name]: new OrtTensor("float32", x, [...input.shape]) });
  return result[graph.outputs[0]!.name]!.data as Float32Array;
}

const ramp = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i));

describe("importModel", () => {
  it("gives a graph that computes what the file computes, with its weights as constants", async () => {
    const model = await importModel(encodeModel(small()), { oracle });
    expect(model.inputs).toEqual([{ name: "x", dtype: "float32", shape: [1, 3, 4, 4] }]);
    expect(model.outputs[0]!.shape).toEqual([1, 4, 8, 8]);
    expect([...model.initializers.keys()].sort()).toEqual(["conv.weight", "head.weight"]);
    const graph = new Graph();
    const x = graph.input("image", "float32", [1, 3, 4, 4]);
    graph.output(model.instantiate(graph, { prefix: "m/", inputs: [x] })[0]!);
    expect(await run(graph, ramp)).toEqual(await run(small(), ramp));
  });

  it("can be applied twice in one graph with shared weights", async () => {
    const model = await importModel(encodeModel(small()), { oracle });
    const graph = new Graph();
    const x = graph.input("image", "float32", [1, 3, 4, 4]);
    const made = new Map<string, Tensor>();
    const apply = (prefix: string) =>
      model.instantiate(graph, {
        prefix,
        inputs: [x],
        parameter: (name, shape, dtype, load) => {
          const known = made.get(name) ?? graph.initializer(`student.${name}`, dtype, shape, load);
          made.set(name, known);
          return known;
        },
      })[0]!;
    graph.output(add(apply("first/"), apply("second/")));
    expect(made.size).toBe(2);
    expect([...graph.initializers.keys()].filter((name) => name.includes("conv.weight"))).toEqual([
      "student.conv.weight",
    ]);
    const once = await run(small(), ramp);
    expect(await run(graph, ramp)).toEqual(once.map((v) => 2 * v));
  });

  it("gives inner values, and leaves out what they do not need", async () => {
    const model = await importModel(encodeModel(small()), { oracle });
    const inner = model.nodes.find(({ op }) => op === "Relu")!.outputs[0]!.name;
    const graph = new Graph();
    const x = graph.input("image", "float32", [1, 3, 4, 4]);
    const [h, given, kernel] = model.instantiate(graph, {
      prefix: "m/",
      inputs: [x],
      values: [inner, "x", "conv.weight"],
    });
    expect(given).toBe(x);
    expect(kernel!.shape).toEqual([4, 3, 3, 3]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Conv", "Relu"]);
    graph.output(h!);
    const plain = new Graph();
    const image = plain.input("x", "float32", [1, 3, 4, 4]);
    const weight = plain.initializer("w", "float32", [4, 3, 3, 3], () => new Float32Array(108).fill(0.1));
    plain.output(relu(conv(image, weight, null, { pads: [1, 1, 1, 1] })));
    expect(await run(graph, ramp)).toEqual(await run(plain, ramp));
    const unknown = () => model.instantiate(graph, { prefix: "n/", inputs: [x], values: ["block.7"] });
    expect(unknown).toThrow('nothing makes the value "block.7"');
  });

  it("shares constants between applications", async () => {
    const model = await importModel(encodeModel(small()), { oracle });
    const graph = new Graph();
    const x = graph.input("image", "float32", [1, 3, 4, 4]);
    model.instantiate(graph, { prefix: "a/", inputs: [x] });
    const before = graph.initializers.size;
    model.instantiate(graph, { prefix: "b/", inputs: [x] });
    expect(graph.initializers.size).toBe(before);
  });

  it("reads weights from external data without folding them", async () => {
    const big = new Graph("big");
    const x = big.input("x", "float32", [1, 300]);
    const w = big.initializer("w", "float32", [300, 4], () => new Float32Array(1200).fill(2));
    big.output(matMul(x, w));
    const { model: bytes, externalData } = encodeModelFiles(big, { initializers: "external" });
    const model = await importModel(bytes, { oracle, externalData });
    expect(model.initializers.get("w")!.load()).toEqual(new Float32Array(1200).fill(2));
  });

  it("says which sizes are missing", async () => {
    await expect(importModel(unet, { oracle, dims: { batch: 1 } })).rejects.toThrow(
      'input "sample" has free dimensions; give sizes for height, width.',
    );
  });

  it("prints both shapes when an input does not fit", async () => {
    const model = await importModel(encodeModel(small()), { oracle });
    const graph = new Graph();
    const wrong = graph.input("image", "float32", [1, 3, 5, 4]);
    expect(() => model.instantiate(graph, { prefix: "teacher/", inputs: [wrong] })).toThrow(
      'Model "teacher/": input "x" must be float32[1, 3, 4, 4], got float32[1, 3, 5, 4].',
    );
    expect(() => model.instantiate(graph, { prefix: "teacher/", inputs: [] })).toThrow("takes 1 inputs (x), got 0");
  });

  it("names the value and node without a static shape", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [4]);
    const [y] = graph.add("NonZero", [x], [{ dtype: "int64", shape: [1, 4], name: "where" }], {}, { name: "find" });
    graph.output(y!);
    await expect(importModel(encodeModel(graph), { oracle })).rejects.toThrow(
      'value "where" from NonZero "find" has shape [1, -1]',
    );
  });
});
