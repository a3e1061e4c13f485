import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { InputValues } from "@distillery/shared/graph/node";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { Graph } from "@distillery/shared/onnx/graph";
import { importModel } from "@distillery/shared/onnx/import";
import { flatten, gemm } from "@distillery/shared/onnx/ops";
import { expect, it } from "vitest";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, noResources, runStage } from "../testing/stage";
import { aesthetic } from "./aesthetic";

/** Two affine layers, as the LAION head has five: 10 (e0 + 2 e1) + 1. */
function head(outputs = 1): Uint8Array {
  const graph = new Graph("head");
  const constant = (name: string, shape: number[], values: number[]) =>
    graph.initializer(name, "float32", shape, () => Float32Array.from(values));
  const embedding = graph.input("embedding", "float32", [2, 2]);
  const hidden = gemm(embedding, constant("layers.0.weight", [2, 1], [1, 2]), constant("layers.0.bias", [1], [0]));
  const weights = constant("layers.2.weight", [1, outputs], Array(outputs).fill(10));
  graph.output(gemm(hidden, weights, constant("layers.2.bias", [outputs], Array(outputs).fill(1))));
  return encodeModel(graph);
}

async function score(file: Uint8Array) {
  const imported = await importModel(file, { oracle: shapeOracle });
  const port = (name: string, shape: number[]) => ({ name, shape });
  const info = {
    id: "head",
    name: "Head",
    bytes: file.length,
    inputs: [port("embedding", [2, 2])],
    outputs: imported.outputs.map(({ name, shape }) => port(name, [...shape])),
  };
  const resources = { ...noResources, model: () => info, importedModel: () => imported };
  const stage = new StageBuilder({ name: "score", kind: "start", batch: 2, seed: 1, resources });
  const image = stage.graph.input("image", "float32", [2, 2, 1, 1]);
  const weights = formulaEncoder((images) => ({ layers: [], embedding: flatten(images) }));
  const inputs: InputValues<typeof aesthetic.inputs, false> = { weights, trajectory: [] };
  const values = aesthetic.scorer!.emit(inputs, { head: "head" }, contextOf(stage), { image, states: [] });
  return runStage(stage, values, { image: [0.3, 0.4, -0.5, 0] });
}

it("puts the chosen head on the normalised embedding", async () => {
  const { aesthetic: scores } = await score(head());
  expect(scores![0]).toBeCloseTo(10 * (0.6 + 2 * 0.8) + 1, 4);
  expect(scores![1]).toBeCloseTo(-9, 4);
});

it("refuses a head that gives more than one number an image", async () => {
  await expect(score(head(3))).rejects.toThrow(/"Head" gives \[2, 3\] for \[2, 2\]; a head gives one number/);
});
