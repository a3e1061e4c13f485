import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { ConditionValue, Resources, WeightsValue } from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { Graph, type Tensor } from "@distillery/shared/onnx/graph";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import { gather, mul, reduceMean, reshape } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { infoOf } from "../testing/runs.test-helper";
import { contextOf, emit, noResources, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { onnxModel } from "./onnx";

const BATCH = 2;

function file(name: string, build: (graph: Graph) => Tensor): Uint8Array {
  const graph = new Graph(name);
  const output = build(graph);
  const [named] = graph.add("Identity", [output], [{ ...output, name }]);
  graph.output(named as Tensor);
  return encodeModel(graph);
}

/** Two prompts of two tokens, and the empty one. */
const PROMPTS = [1, 3, 5, 7, 10, 20];
const files: Record<string, Uint8Array> = {
  // Its weight is called as that of the network.
  prompts: file("encoder_hidden_states", (graph) => {
    const rows = graph.initializer("layer.weight", "float32", [3, 2], () => Float32Array.from(PROMPTS));
    return gather(rows, graph.input("class", "int64", [BATCH]));
  }),
  // eps = 0.5 x mean(prompt)
  unet: file("out_sample", (graph) => {
    const x = graph.input("sample", "float32", [BATCH, 1]);
    graph.input("timestep", "float32", [BATCH]);
    const prompt = graph.input("encoder_hidden_states", "float32", [BATCH, 2]);
    const w = graph.initializer("layer.weight", "float32", [1], () => Float32Array.of(0.5));
    return mul(mul(x, w), reshape(reduceMean(prompt, { axes: [1] }), [BATCH, 1]));
  }),
};

async function network(params: Record<string, unknown>) {
  const infos = Object.entries(files).map(([id, bytes]) => infoOf(id, bytes));
  const imports = new ModelImports(async (id) => files[id] as Uint8Array, shapeOracle);
  const model = (id: string) => infos.find((info) => info.id === id);
  for (;;) {
    const resources: Resources = { ...noResources, model, importedModel: imports.get };
    const stage = new StageBuilder({ name: "test", kind: "train", batch: BATCH, seed: 1, resources });
    const index = stage.graph.input("class", "int64", [BATCH]);
    const condition: ConditionValue = { tensors: { class: index }, nullTensors: {}, labels: { class: 2 } };
    try {
      const { weights } = emit(onnxModel, contextOf(stage), {}, { model: "unet", ...params }) as {
        weights: WeightsValue;
      };
      const state = stateInput(stage, stableDiffusion(), [1]);
      return { stage, eps: weights.predict!(state, condition).eps };
    } catch (error) {
      if (!(await imports.importAsked())) throw error;
    }
  }
}

describe("a prompt table", () => {
  it("gives the network the prompt of each sample's class, and the empty one for no class", async () => {
    const { stage, eps } = await network({ promptTable: "prompts" });
    const found = await runStage(stage, { eps }, { x: [1, 2], t: [5, 5], class: [1, 2] });
    expect(found.eps).toEqual([0.5 * 6, 0.5 * 2 * 15]);
  });

  it("is asked for where the network takes text, and has to give what it takes", async () => {
    await expect(network({})).rejects.toThrow(/wants "encoder_hidden_states".*give a prompt table/);
    await expect(network({ promptTable: "unet" })).rejects.toThrow(/"unet.onnx" does not give/);
  });
});
