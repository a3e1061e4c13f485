import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { Resources, UserModelInfo, WeightsValue } from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { grad } from "@distillery/shared/onnx/grad";
import { Graph } from "@distillery/shared/onnx/graph";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import { add, gemm, mul, reduceMean, reshape, square } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, emit, noResources, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { onnxModel } from "./onnx";

const BATCH = 2;

/** eps = x W + t / 1000, exported for batches of 2. */
function file(): Uint8Array {
  const graph = new Graph("linear");
  const x = graph.input("sample", "float32", [BATCH, 2]);
  const t = graph.input("timestep", "float32", [BATCH]);
  const w = graph.initializer("layer.weight", "float32", [2, 2], () => Float32Array.of(1, 2, 3, 4));
  graph.output(add(gemm(x, w), mul(reshape(t, [BATCH, 1]), 1 / 1000)));
  return encodeModel(graph);
}
const info: UserModelInfo = {
  id: "linear",
  name: "linear.onnx",
  bytes: 1,
  inputs: [
    { name: "sample", shape: [BATCH, 2] },
    { name: "timestep", shape: [BATCH] },
  ],
  outputs: [{ name: "eps", shape: [BATCH, 2] }],
};

function newStage(imports: ModelImports, inputs = info.inputs) {
  const resources: Resources = {
    ...noResources,
    model: (id) => (id === info.id ? { ...info, inputs } : undefined),
    importedModel: imports.get,
  };
  return new StageBuilder({ name: "test", kind: "train", batch: BATCH, seed: 0, resources });
}
const newImports = () => new ModelImports(async () => file(), shapeOracle);

const feeds = { x: [1, -1, 0.5, 2], t: [39, 39] };
/** x W + 0.779, by hand. */
const eps = [-2 + 0.779, -2 + 0.779, 6.5 + 0.779, 9 + 0.779];

describe("model/onnx", () => {
  it("is imported between two compilations, and predicts as the file does", async () => {
    const imports = newImports();
    const predict = () => {
      const stage = newStage(imports);
      const { weights } = emit(onnxModel, contextOf(stage), {}, { model: "linear" }) as { weights: WeightsValue };
      return { stage, weights, prediction: weights.predict!(stateInput(stage, stableDiffusion(), [2]), null) };
    };
    expect(predict).toThrow('"linear.onnx" could not be imported');
    expect(await imports.importAsked()).toBe(true);
    const { stage, weights, prediction } = predict();
    expect(await imports.importAsked()).toBe(false);
    expect(weights).toMatchObject({ trainable: false, sampleShape: [2] });
    expect(stage.variables.size).toBe(0);
    const result = await runStage(stage, { eps: prediction.eps }, feeds);
    result.eps.forEach((value, i) => {
      expect(value).toBeCloseTo(eps[i] as number, 5);
    });
  });

  it("can be trained: its weights start as the file's and take a gradient", async () => {
    const imports = newImports();
    imports.get("linear", {});
    await imports.importAsked();
    const stage = newStage(imports);
    const context = contextOf(stage, "net");
    const { weights } = emit(onnxModel, context, {}, { model: "linear", trainable: true }) as { weights: WeightsValue };
    const state = stateInput(stage, stableDiffusion(), [2]);
    const prediction = weights.predict!(state, null);
    weights.predict!(state, null);
    const parameters = [...context.parametersOf("net")];
    expect(parameters.map(([path]) => path)).toEqual(["layer.weight"]);
    const init = stage.variables.get("net/layer.weight")?.spec.init;
    if (init?.kind !== "data") throw new Error("not from the file");
    expect(await init.load(noResources)).toEqual(Float32Array.of(1, 2, 3, 4));
    const loss = reduceMean(square(prediction.eps), { keepdims: false });
    const [gradient] = grad(
      loss,
      parameters.map(([, tensor]) => tensor),
    );
    if (gradient === undefined) throw new Error("no gradient");
    const result = await runStage(stage, { gradient }, { ...feeds, "net/layer.weight": [1, 2, 3, 4] });
    // d mean(eps^2) / dW = x^T (2 eps / 4)
    const expected = [0, 1].flatMap((row) =>
      [0, 1].map(
        (column) =>
          (feeds.x[row] as number) * (eps[column] as number) * 0.5 +
          (feeds.x[2 + row] as number) * (eps[2 + column] as number) * 0.5,
      ),
    );
    result.gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 4);
    });
  });

  it("says which model or input is missing", () => {
    const imports = newImports();
    expect(() => emit(onnxModel, contextOf(newStage(imports)), {}, {})).toThrow("Choose a model");
    expect(() => emit(onnxModel, contextOf(newStage(imports)), {}, { model: "other" })).toThrow('no model "other"');
    const odd = newStage(imports, [...info.inputs, { name: "text", shape: [BATCH, 77, 768] }]);
    expect(() => emit(onnxModel, contextOf(odd), {}, { model: "linear" })).toThrow('also wants "text"');
    const unnamed = newStage(imports, [info.inputs[0] as UserModelInfo["inputs"][number]]);
    expect(() => emit(onnxModel, contextOf(unnamed), {}, { model: "linear" })).toThrow("takes the timestep; name it");
  });
});
