/** A PyTorch U-Net imported from its file: gradients, once and twice, against PyTorch's own. See fixtures/make_unet.py. */
import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeModel } from "./codec";
import { readTensors } from "./fixtures/safetensors.test-helper";
import { grad } from "./grad";
import { Graph, type Tensor } from "./graph";
import { type ImportedModel, importModel } from "./import";
import { add, reduceMean, reduceSum, square, sub } from "./ops";

const file = readFileSync(new URL("./fixtures/unet.onnx", import.meta.url));
const stored = readTensors(new URL("./fixtures/unet.safetensors", import.meta.url));

let model: ImportedModel;
let computed: Map<string, Float32Array>;

/** |a - b| / |b| over whole tensors; absolute where PyTorch's is as good as zero. */
function relativeError(actual: Float32Array, reference: Float32Array): number {
  expect(actual.length).toBe(reference.length);
  const norm = (values: Iterable<number>) => Math.hypot(...values);
  return norm(reference.map((v, i) => v - actual[i]!)) / Math.max(norm(reference), 1e-5);
}

/** Linear layers that become MatMul: their weights are stored transposed, [in, out]. */
const TRANSPOSED = /^attention\.(attn\.to_\w+|proj|out)\.weight$/;

/** PyTorch's tensor `kind` of a parameter in the layout of the file. */
function expected(kind: string, parameter: string): Float32Array {
  const { shape, values } = stored.get(`${kind}/${parameter}`)!;
  const [rows = 0, columns = 0] = shape;
  if (!TRANSPOSED.test(parameter)) return values;
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

beforeAll(async () => {
  model = await importModel(file, { oracle: shapeOracle, dims: { batch: 2, height: 8, width: 8 } });
  const graph = new Graph();
  const parameters = new Map<string, Tensor>();
  const inputs = model.inputs.map(({ name, dtype, shape }) => graph.input(name, dtype, shape));
  const [output] = model.instantiate(graph, {
    prefix: "unet/",
    inputs,
    parameter: (name, shape, dtype, load) => {
      const tensor = graph.initializer(name, dtype, shape, load);
      parameters.set(name, tensor);
      return tensor;
    },
  });
  const target = graph.input("target", "float32", output!.shape);
  const loss = reduceMean(square(sub(output!, target)), { keepdims: false });
  const variables = [inputs[0]!, ...parameters.values()];
  const first = grad(loss, variables);
  const penalty = first
    .map((g, i) => (i === 0 ? reduceSum : reduceMean)(square(g), { keepdims: false }))
    .reduce((a, b) => add(a, b));
  const second = grad(penalty, variables);
  const named: [string, Tensor][] = [
    ["output", output!],
    ["loss", loss],
    ["penalty", penalty],
  ];
  ["sample", ...parameters.keys()].forEach((name, i) => {
    named.push([`grad/${name}`, first[i]!], [`grad2/${name}`, second[i]!]);
  });
  const session = await InferenceSession.create(encodeModel(graph, { extraOutputs: named.map(([, t]) => t) }), {
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, new OrtTensor("float32", stored.get(name)!.values, [...shape])]),
  );
  const results = await session.run(feeds);
  computed = new Map(named.map(([name, { name: value }]) => [name, results[value]!.data as Float32Array]));
});

describe("a PyTorch U-Net imported from its file", () => {
  it("keeps every parameter under its PyTorch name, with its values", () => {
    const names = [...stored.keys()].flatMap((name) => (name.startsWith("param/") ? [name.slice(6)] : []));
    expect([...model.initializers.keys()].sort()).toEqual(names.sort());
    for (const [name, { load }] of model.initializers) {
      expect(relativeError(load() as Float32Array, expected("param", name)), name).toBe(0);
    }
  });

  it("is folded to a half of its nodes", () => {
    expect(model.nodes.length).toBeLessThan(150);
  });

  it.each(["output", "loss", "penalty"])("computes PyTorch's %s", (name) => {
    expect(relativeError(computed.get(name)!, stored.get(name)!.values)).toBeLessThan(1e-5);
  });

  it.each([
    ["gradient", "grad"],
    ["gradient of a gradient penalty", "grad2"],
  ])("has PyTorch's %s for every parameter and the input", (_, kind) => {
    const names = ["sample", ...model.initializers.keys()];
    const errors = names.map((name) => relativeError(computed.get(`${kind}/${name}`)!, expected(kind, name)));
    const worst = Math.max(...errors);
    expect(worst, names[errors.indexOf(worst)]!).toBeLessThan(1e-5);
  });
});
