import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { ConditionValue, DatasetValue, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { sizeOf } from "@distillery/shared/onnx/graph";
import { reduceL2, reduceMean, square } from "@distillery/shared/onnx/ops";
import { randomStream } from "@distillery/shared/random/philox";
import { decodeSafetensors, encodeSafetensors } from "@distillery/shared/run/safetensors";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { alias } from "./alias";
import { mlp } from "./mlp";
import { unet } from "./unet";

const dataset = (sampleShape: number[], classes: string[] = []): DatasetValue => ({
  id: "data",
  title: "Data",
  sampleShape,
  classes,
  open: () => Promise.reject(new Error("not read")),
});

/** Normal values for every variable, the state and its time. */
function feeds(stage: StageBuilder, state: StateValue, node: number): Record<string, number[]> {
  const random = randomStream(1, "test", 0);
  const values: Record<string, number[]> = {
    [state.t.node.name]: Array(state.t.node.size).fill(node),
    [state.x.name]: Array.from({ length: state.x.size }, () => random.normal()),
  };
  for (const [name, { spec }] of stage.variables) {
    values[name] = Array.from(
      { length: sizeOf(spec.shape) },
      () => 0.2 * random.normal() + (spec.init.kind === "ones" ? 1 : 0),
    );
  }
  return values;
}

const classes = (stage: StageBuilder, count: number): ConditionValue => ({
  labels: { class: count },
  tensors: { class: stage.graph.input("class", "int64", [stage.options.batch]) },
  nullTensors: {},
});

describe("student/mlp", () => {
  it("predicts a matched pair of the state's shape", async () => {
    const stage = newStage(3);
    const { weights } = emit(mlp, contextOf(stage, "student"), { dataset: dataset([2]) }, { width: 16 }) as {
      weights: WeightsValue;
    };
    const state = stateInput(stage, stableDiffusion(50, "v_prediction"), [2]);
    const { predX0, eps } = weights.predict!(state, null);
    expect([predX0.shape, eps.shape]).toEqual([
      [3, 2],
      [3, 2],
    ]);
    const fed = feeds(stage, state, 39);
    const result = await runStage(stage, { predX0, eps }, fed);
    // x = alpha x0 + sigma eps holds for every prediction type.
    const abar = stableDiffusion().alphasCumprod[779] as number;
    result.predX0.forEach((x0, i) => {
      expect(Math.sqrt(abar) * x0 + Math.sqrt(1 - abar) * (result.eps[i] as number)).toBeCloseTo(
        fed[state.x.name]?.[i] as number,
        4,
      );
    });
  });

  it("depends on time and class, and shares its weights between uses", async () => {
    const stage = newStage(1);
    const { weights } = emit(mlp, contextOf(stage, "student"), { dataset: dataset([2], ["a", "b"]) }, { width: 8 }) as {
      weights: WeightsValue;
    };
    const schedule = stableDiffusion();
    const [first, later] = [
      stateInput(stage, schedule, [2], undefined, "1"),
      stateInput(stage, schedule, [2], undefined, "2"),
    ];
    const condition = classes(stage, 2);
    const a = weights.predict!(first, condition).eps;
    const count = stage.variables.size;
    const b = weights.predict!(later, condition).eps;
    const none = weights.predict!(first, null).eps;
    expect(stage.variables.size).toBe(count);
    const fed = feeds(stage, first, 39);
    const x = fed[first.x.name] as number[];
    const result = await runStage(
      stage,
      { a, b, none },
      { ...fed, [later.x.name]: x, [later.t.node.name]: [10], class: [1] },
    );
    expect(Math.abs((result.a[0] as number) - (result.b[0] as number))).toBeGreaterThan(1e-3);
    expect(Math.abs((result.a[0] as number) - (result.none[0] as number))).toBeGreaterThan(1e-3);
  });

  it("starts from the tensors of a file, whatever the node was called there", async () => {
    const stage = newStage(1);
    const file = encodeSafetensors({ "other/out.bias": { dtype: "float32", shape: [2], data: Float32Array.of(3, 4) } });
    expect(Object.keys(decodeSafetensors(file).tensors)).toEqual(["other/out.bias"]);
    const context = contextOf(stage, "student");
    const { weights } = emit(mlp, context, { dataset: dataset([2]) }, { width: 8, initFrom: "run/x.safetensors" }) as {
      weights: WeightsValue;
    };
    weights.predict!(stateInput(stage, stableDiffusion(), [2]), null);
    const resources = { ...noResources, bytes: async () => file };
    const load = (path: string) => {
      const init = stage.variables.get(`student/${path}`)?.spec.init;
      if (init?.kind !== "data") throw new Error("not read from the file");
      return Promise.resolve(init.load(resources));
    };
    expect(await load("out.bias")).toEqual(Float32Array.of(3, 4));
    await expect(load("in.bias")).rejects.toThrow('"run/x.safetensors" has no weights for "in.bias" of shape [8]');
  });
});

describe("student/unet", () => {
  const small = { width: 8, multipliers: [1, 2], groups: 4, heads: 2 };

  it("returns the state's shape, at every patch size", async () => {
    for (const patch of [1, 2]) {
      const stage = newStage(2);
      const { weights } = emit(
        unet,
        contextOf(stage, "student"),
        { dataset: dataset([3, 8, 8], ["a"]) },
        { ...small, patch },
      ) as { weights: WeightsValue };
      const state = stateInput(stage, stableDiffusion(), [3, 8, 8]);
      const { eps } = weights.predict!(state, classes(stage, 1));
      expect(eps.shape).toEqual([2, 3, 8, 8]);
      const result = await runStage(stage, { eps }, { ...feeds(stage, state, 20), class: [0, 1] });
      expect(result.eps.every(Number.isFinite)).toBe(true);
    }
  });

  it("passes a gradient to every parameter, and none through a stop-gradient copy", async () => {
    const stage = newStage(2);
    const context = contextOf(stage, "student");
    const { weights } = emit(unet, context, { dataset: dataset([3, 8, 8], ["a"]) }, small) as { weights: WeightsValue };
    const state = stateInput(stage, stableDiffusion(), [3, 8, 8]);
    const condition = classes(stage, 1);
    const copy = emit(alias, contextOf(stage, "alias"), { weights }) as { weights: WeightsValue };
    const still = reduceMean(square(copy.weights.predict!(state, condition).eps));
    const moving = reduceMean(square(weights.predict!(state, condition).eps));
    const parameters = [...context.parametersOf("student")];
    const norms = (loss: typeof moving, prefix: string) =>
      Object.fromEntries(
        grad(
          loss,
          parameters.map(([, tensor]) => tensor),
        ).map((gradient, i) => [`${prefix}:${parameters[i]?.[0]}`, reduceL2(gradient)] as const),
      );
    const fetches = { ...norms(moving, "moving"), ...norms(still, "still") };
    const fed = { ...feeds(stage, state, 20), class: [0, 1] };
    const result = await runStage(stage, fetches, fed);
    expect(parameters.length).toBeGreaterThan(60);
    for (const [name, [norm]] of Object.entries(result)) {
      if (name.startsWith("still")) expect(norm, name).toBe(0);
      else expect(norm, name).toBeGreaterThan(1e-9);
    }
  });

  it("refuses data that are no images, or that cannot be halved that often", () => {
    const context = contextOf(newStage(2), "student");
    expect(() => emit(unet, context, { dataset: dataset([2]) })).toThrow("needs images");
    expect(() => emit(unet, context, { dataset: dataset([3, 12, 12]) }, { multipliers: [1, 1, 1, 1] })).toThrow(
      "cannot be divided by 16",
    );
  });
});
