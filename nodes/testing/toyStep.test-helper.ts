/** Test-only: single training steps on the toy U-Net of fixtures/make_state_discriminator.py, to compare with PyTorch's. */
import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { NodeDefinition, Turn } from "@distillery/shared/graph/node";
import type { StateValue, UserModelInfo, WeightsValue, WireType, WireValues } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import { expect } from "vitest";
import fixture from "../loss/fixtures/stateDiscriminator.json";
import { onnxModel } from "../model/onnx";
import { ownLabel } from "../time/labels";
import { farthest } from "./farthest";
import { contextOf, emit, noResources, stableDiffusion, stateInput } from "./stage";

const BATCH = 3;
const SAMPLE = [2, 4, 4];
const bytes = readFileSync(new URL("../loss/fixtures/stateDiscriminator.onnx", import.meta.url));
const info: UserModelInfo = {
  id: "toy",
  name: "toy.onnx",
  bytes: bytes.length,
  inputs: [
    { name: "x", shape: ["batch", ...SAMPLE] },
    { name: "t", shape: ["batch"] },
    { name: "class", shape: ["batch"] },
  ],
  outputs: [{ name: "v", shape: ["batch", ...SAMPLE] }],
  labels: { class: fixture.classes },
};

type Outputs = Readonly<Record<string, WireValues[WireType] | undefined>>;
type Add = (definition: NodeDefinition, id: string, inputs: object, params?: object) => Outputs;
export interface Toy {
  readonly stage: StageBuilder;
  readonly teacher: WeightsValue;
  readonly x: StateValue;
  readonly condition: object;
  readonly add: Add;
}

/** A stage with the toy U-Net as the teacher, on fed states, nodes and classes. */
export async function toy<T>(build: (toy: Toy) => T): Promise<T & { stage: StageBuilder }> {
  const imports = new ModelImports(async () => bytes, shapeOracle);
  const attempt = () => {
    const resources = { ...noResources, model: () => info, importedModel: imports.get };
    const stage = new StageBuilder({ name: "test", kind: "train", batch: BATCH, seed: 1, resources });
    const add: Add = (definition, id, inputs, params = {}) =>
      emit(definition, contextOf(stage, id, id), { ...inputs }, { ...params });
    const index = stage.graph.input("class", "int64", [BATCH]);
    const nobody = stage.graph.constant(Array(BATCH).fill(fixture.classes), [BATCH], "int64");
    const condition = { tensors: { class: index }, nullTensors: { class: nobody }, labels: { class: fixture.classes } };
    const label = ownLabel("start", "the start time", 1, 50);
    const x = stateInput(stage, stableDiffusion(50, "v_prediction"), SAMPLE, label);
    const { weights: teacher } = add(onnxModel, "teacher", {}, { model: "toy" }) as { weights: WeightsValue };
    return { ...build({ stage, teacher, x, condition, add }), stage };
  };
  try {
    return attempt();
  } catch (error) {
    if (!(await imports.importAsked())) throw error;
    return attempt();
  }
}

export const sgd = { optimiser: "sgd", beta1: 0, learningRate: fixture.lr, clipNorm: fixture.clip };

type Stored = Readonly<Record<string, { readonly data: readonly number[] }>>;
export const under = (owner: string, stored: Stored): Record<string, number[]> =>
  Object.fromEntries(Object.entries(stored).map(([path, { data }]) => [`${owner}/${path}`, [...data]]));

/** Next values of all variables that change in a turn, and the named series. */
export function results({ variables, series, graph }: StageBuilder, turn: Turn): Record<string, Tensor> {
  const next = [...variables].flatMap(([name, { next: value, turn: own, spec }]) =>
    value !== undefined && spec.role === "parameter" && own === turn ? [[name, value] as const] : [],
  );
  return Object.fromEntries([
    ...next,
    ...series.map((each) => [`${each.node}.${each.name}`, graph.value(each.output)] as const),
  ]);
}

export function expectParameters(found: Record<string, number[]>, owner: string, expected: Stored): void {
  const paths = Object.keys(found).filter((name) => name.startsWith(`${owner}/`));
  expect(paths.sort()).toEqual(
    Object.keys(expected)
      .map((path) => `${owner}/${path}`)
      .sort(),
  );
  for (const [path, { data }] of Object.entries(expected)) {
    expect([path, farthest(found[`${owner}/${path}`] ?? [], data)]).toEqual([path, expect.closeTo(0, 4)]);
  }
}

export const slotsOf = ({ variables }: StageBuilder): Record<string, number[]> =>
  Object.fromEntries([...variables].map(([name, { tensor }]) => [name, Array<number>(tensor.size).fill(0)]));
