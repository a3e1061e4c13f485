import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { Resources, UserModelInfo, WeightsValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { contextOf, emit, noResources, stableDiffusion, stateInput } from "../testing/stage";
import { stdGraph } from "../testing/stdGraph";
import { modelFile } from "./file";
import { onnxModel } from "./onnx";

const info: UserModelInfo = {
  id: "m",
  name: "m.onnx",
  bytes: 1,
  inputs: [
    { name: "x", shape: ["batch", 2] },
    { name: "t", shape: ["batch"] },
  ],
  outputs: [
    { name: "predX0", shape: ["batch", 2] },
    { name: "eps", shape: ["batch", 2] },
  ],
};
const knowing = (model: UserModelInfo): Resources => ({
  ...noResources,
  model: (id) => (id === "m" ? model : undefined),
});

/** The graph with a model file in place of a node of it. */
function withFile(node: string, params: object = {}, graph = stdGraph()): GraphDocument {
  return {
    ...graph,
    nodes: graph.nodes.map((each) =>
      each.id === node ? { ...each, type: "model/onnx", version: 1, params: { model: "m", ...params } } : each,
    ),
    edges: graph.edges.filter(({ to }) => to.node !== node),
  };
}
const check = (document: GraphDocument, model = info) => validateDocument(document, library, knowing(model));

describe("a model file where it cannot be imported", () => {
  it.each([
    ["teacher", {}],
    ["student", { trainable: true }],
  ])("stands in as the %s: the whole graph is checked, without a warning", (node, params) => {
    const { issues, plan } = check(withFile(node, params));
    expect(issues).toEqual([]);
    expect(plan?.train?.builder.series.map(({ name }) => name)).toContain("loss");
  });

  it("lets what follows from it be refused", () => {
    expect(check(withFile("student")).issues[0]?.message).toContain("cannot be trained");
    const other = { ...info, outputs: [{ name: "out", shape: ["batch", 7] }] };
    expect(check(withFile("teacher"), other).issues[0]?.message).toContain(
      "output has shape [16, 7], the state [16, 2]",
    );
  });

  it("has the outputs its card or upload says, sizes from the inputs", () => {
    const encoder: UserModelInfo = {
      ...info,
      inputs: [{ name: "image", shape: ["n", 3, "h", 8] }],
      outputs: [
        { name: "tokens", shape: ["n", "tokens", 16] },
        { name: "map", shape: ["n", 4, "h", "w"] },
        { name: "score", shape: [] },
      ],
    };
    const stage = new StageBuilder({ name: "s", kind: "train", batch: 5, seed: 0, resources: knowing(encoder) });
    const file = modelFile("m", true, contextOf(stage, "enc"));
    const images = stage.graph.input("images", "float32", [5, 3, 6, 8]);
    const outputs = file.apply(new Map([["image", images]]), file.parameters);
    expect([...outputs].map(([name, { shape }]) => [name, shape])).toEqual([
      ["tokens", [5, 65, 16]],
      ["map", [5, 4, 6, 8]],
      ["score", []],
    ]);
    expect([...stage.variables.keys()]).toEqual(["enc/stand-in"]);
  });

  it("knows a denoiser by its state when the outputs were never kept, and refuses sizes that cannot fit", () => {
    const predict = (model: UserModelInfo) => {
      const stage = new StageBuilder({ name: "s", kind: "train", batch: 3, seed: 0, resources: knowing(model) });
      const { weights } = emit(onnxModel, contextOf(stage), {}, { model: "m" }) as { weights: WeightsValue };
      return weights.predict!(stateInput(stage, stableDiffusion(), [2]), null);
    };
    expect(predict({ ...info, outputs: [] }).eps.shape).toEqual([3, 2]);
    const fixed = [
      { name: "x", shape: ["batch", 2] },
      { name: "t", shape: [1] },
    ];
    expect(() => predict({ ...info, inputs: fixed })).toThrow('Input "t" of the file takes [1], but gets [3]');
  });
});
