import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { decodeModel, elementType, encodeModel, encodeModelFiles, skeleton, withOutputs } from "./codec";
import { type DType, Graph, type TensorData } from "./graph";

const DATA: [DType, TensorData][] = [
  ["float32", Float32Array.of(1.5, -2, Number.NaN, Number.POSITIVE_INFINITY)],
  ["int64", BigInt64Array.of(1n, -(2n ** 62n), 3n, 4n)],
  ["int32", Int32Array.of(1, -2, 2 ** 31 - 1, 0)],
  ["bool", Uint8Array.of(1, 0, 1, 1)],
  ["uint8", Uint8Array.of(255, 0, 7, 1)],
  ["float16", Uint16Array.of(0x3c00, 0xc000, 0, 1)],
];

function everyKind(): Graph {
  const graph = new Graph("kinds");
  for (const [dtype, data] of DATA) {
    const weight = graph.initializer(`w.${dtype}`, dtype, [2, 2], () => data);
    graph.output(graph.add("Identity", [weight], [{ dtype, shape: [2, 2], name: `y.${dtype}` }])[0]!);
  }
  return graph;
}

function affine(size: number): Graph {
  const graph = new Graph("affine");
  const x = graph.input("x", "float32", [3]);
  const weight = graph.initializer("w", "float32", [size, 3], () =>
    Float32Array.from({ length: size * 3 }, (_, i) => i),
  );
  const [product] = graph.add("Mul", [x, weight], [{ dtype: "float32", shape: [size, 3] }]);
  const [sum] = graph.add(
    "ReduceSum",
    [product!, graph.constant([0], [1], "int64")],
    [{ dtype: "float32", shape: [3] }],
    {
      keepdims: { kind: "int", value: 0 },
    },
  );
  graph.output(sum!);
  return graph;
}

describe("encodeModel and decodeModel", () => {
  it("keep the values of every element type", () => {
    const file = decodeModel(encodeModel(everyKind()));
    expect(file.opsets[""]).toBe(21);
    expect(file.irVersion).toBe(10);
    for (const [dtype, data] of DATA) {
      const tensor = file.initializers.get(`w.${dtype}`)!;
      expect(tensor.dtype).toBe(dtype);
      expect(tensor.shape).toEqual([2, 2]);
      expect(tensor.load()).toEqual(data);
    }
  });

  it("read values out of a Buffer, wherever they lie in it", () => {
    const file = decodeModel(Buffer.from(encodeModel(everyKind())));
    for (const [dtype, data] of DATA) expect(file.initializers.get(`w.${dtype}`)!.load()).toEqual(data);
  });

  it("make files that ONNX Runtime runs, with every element type", async () => {
    const session = await InferenceSession.create(encodeModel(everyKind()));
    const result = await session.run({});
    for (const [dtype, data] of DATA) {
      expect(new Uint8Array((result[`y.${dtype}`]!.data as Uint8Array).buffer.slice(0, data.byteLength))).toEqual(
        new Uint8Array(data.buffer),
      );
    }
  });

  it("keep nodes, optional inputs and every kind of attribute", () => {
    const graph = new Graph("attributes");
    const x = graph.input("x", "float32", [1, 2]);
    const attributes = {
      i: { kind: "int", value: -3 },
      f: { kind: "float", value: 0.5 },
      s: { kind: "string", value: "größe" },
      is: { kind: "ints", value: [1, 2, -1] },
      fs: { kind: "floats", value: [0.25, 4] },
    } as const;
    const [y] = graph.add("Anything", [x, null, x], [{ dtype: "float32", shape: [1, 2] }], attributes, { name: "a/b" });
    graph.output(y!);
    const file = decodeModel(encodeModel(graph));
    expect(file.nodes).toEqual([
      { op: "Anything", domain: "", name: "a/b", inputs: ["x", "", "x"], outputs: ["a/b"], attributes },
    ]);
    expect(file.inputs).toEqual([{ name: "x", dtype: "float32", shape: [1, 2] }]);
    expect(file.outputs).toEqual([{ name: "a/b", dtype: "float32", shape: [1, 2] }]);
  });

  it("leave out weights that nothing uses, and never load them", () => {
    const graph = affine(2);
    graph.initializer("unused", "float32", [1], () => {
      throw new Error("loaded");
    });
    expect([...decodeModel(encodeModel(graph)).initializers.keys()]).not.toContain("unused");
  });

  it("expose extra outputs once", async () => {
    const graph = affine(2);
    const product = graph.value(graph.nodes[0]!.outputs[0]!);
    const session = await InferenceSession.create(encodeModel(graph, { extraOutputs: [product, graph.outputs[0]!] }));
    expect(session.outputNames).toEqual([graph.outputs[0]!.name, product.name]);
  });

  it("write external data at aligned offsets, which ONNX Runtime and decodeModel read", async () => {
    const graph = affine(101);
    const second = graph.initializer("v", "float32", [300], () => new Float32Array(300).fill(2));
    graph.output(graph.add("Identity", [second], [{ dtype: "float32", shape: [300] }])[0]!);
    const { model, externalData } = encodeModelFiles(graph, { initializers: "external", location: "big.bin" });
    expect(model.length).toBeLessThan(1000);
    expect(externalData[0]!.data.length).toBe(1216 + 1200);
    const file = decodeModel(model, { externalData });
    expect(file.initializers.get("v")!.load()).toEqual(new Float32Array(300).fill(2));
    const session = await InferenceSession.create(model, { externalData: [...externalData] });
    const result = await session.run({ x: new OrtTensor("float32", Float32Array.of(1, 1, 0), [3]) });
    expect([...(result[graph.outputs[0]!.name]!.data as Float32Array)]).toEqual([15150, 15251, 0]);
    expect(() => decodeModel(model).initializers.get("w")!.load()).toThrow('"big.bin", which was not given');
    const short = [{ path: "big.bin", data: externalData[0]!.data.subarray(0, 2000) }];
    expect(() => decodeModel(model, { externalData: short }).initializers.get("v")!.load()).toThrow("which has 2000");
  });

  it("refuse data of the wrong length and bytes that are no model", () => {
    const graph = new Graph();
    graph.output(graph.initializer("w", "float32", [2, 3], () => new Float32Array(5)));
    expect(() => encodeModel(graph)).toThrow('Initializer "w" of shape [2, 3] needs 6 values, its data has 5.');
    expect(() => decodeModel(new TextEncoder().encode("<html>"))).toThrow("not an ONNX model");
    expect(() => decodeModel(new Uint8Array(0))).toThrow("no graph");
  });
});

describe("rewriting a file", () => {
  it("lists any intermediate value as an output", async () => {
    const graph = affine(4);
    const name = graph.nodes[0]!.outputs[0]!;
    const session = await InferenceSession.create(withOutputs(encodeModel(graph), [name]));
    expect(session.outputMetadata).toMatchObject([{ name, type: "float32", shape: [4, 3] }]);
  });

  it("makes skeletons: weights become inputs without data, outputs stay open", () => {
    const bytes = encodeModel(affine(500));
    const light = skeleton(bytes, { weights: new Set(["w"]) });
    expect(light.length).toBeLessThan(bytes.length - 5000);
    const file = decodeModel(light);
    expect(file.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["x", [3]],
      ["w", [500, 3]],
    ]);
    expect(file.initializers.has("w")).toBe(false);
    expect(file.outputs[0]!.shape).toBeNull();
  });

  it("takes small external data into a skeleton", () => {
    const { model, externalData } = encodeModelFiles(affine(101), { initializers: "external" });
    const file = decodeModel(skeleton(model, { externalData }));
    expect(file.initializers.get("w")!.load()[302]).toBe(302);
  });

  it("numbers element types as ONNX does", () => {
    expect(elementType("float32")).toBe(1);
    expect(elementType("int64")).toBe(7);
  });
});
