import type { WeightsValue } from "@distillery/shared/graph/wires";
import { expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { average } from "./average";
import { mlp } from "./mlp";

const dataset = {
  id: "d",
  title: "D",
  sampleShape: [2],
  classes: [],
  open: () => Promise.reject(new Error("not read")),
};

it("follows the trained weights after each step and starts as their copy", async () => {
  const stage = newStage(1);
  const student = contextOf(stage, "student");
  const { weights } = emit(mlp, student, { dataset }, { width: 4, depth: 1 }) as { weights: WeightsValue };
  const context = contextOf(stage, "ema");
  const averaged = (emit(average, context, { weights }, { decay: 0.9 }) as { weights: WeightsValue }).weights;
  weights.predict!(stateInput(stage, stableDiffusion(), [2]), null);
  const bias = student.parametersOf("student").get("out.bias");
  if (bias === undefined) throw new Error("the student has no bias");
  // As a trainer would.
  student.assign("out.bias", stage.graph.constant([10, 20], [2]));
  const arriving: Readonly<Record<string, unknown>> = { weights };
  average.absorb?.(arriving as Record<string, never>, { decay: 0.9 }, context);

  expect(stage.variables.get("ema/out.bias")?.spec).toEqual({
    shape: [2],
    init: { kind: "copy", owner: "student", path: "out.bias" },
    role: "average",
  });
  const fed = Object.fromEntries(
    [...stage.variables].map(([name, { tensor }]) => [name, Array<number>(tensor.size).fill(1)]),
  );
  const state = { x: [0, 0], t: [39] };
  const { next, untouched } = await runStage(
    stage,
    { next: context.next("out.bias"), untouched: context.next("in.bias") },
    { ...fed, ...state, "ema/out.bias": [1, 2], "ema/in.bias": [3, 3, 3, 3] },
  );
  expect(next[0]).toBeCloseTo(0.9 * 1 + 0.1 * 10, 6);
  expect(next[1]).toBeCloseTo(0.9 * 2 + 0.1 * 20, 6);
  // A parameter that was not trained this step pulls the average towards its present value, 1.
  expect(untouched[0]).toBeCloseTo(0.9 * 3 + 0.1 * 1, 6);
  expect(averaged.trainable).toBe(false);
  expect(averaged.owner).toBe("ema");
});

it("moves in the turns of the weights that it follows", () => {
  const stage = newStage(1);
  const student = contextOf(stage, "student");
  const { weights } = emit(mlp, student, { dataset }, { width: 4, depth: 1 }) as { weights: WeightsValue };
  weights.predict!(stateInput(stage, stableDiffusion(), [2]), null);
  student.assign("out.bias", stage.graph.constant([10, 20], [2]), "student", "odd");
  const arriving: Readonly<Record<string, unknown>> = { weights };
  average.absorb?.(arriving as Record<string, never>, { decay: 0.9 }, contextOf(stage, "ema"));
  expect(stage.variables.get("ema/out.bias")?.turn).toBe("odd");
});

it("refuses weights that are not trained", () => {
  const stage = newStage(1);
  const { weights } = emit(mlp, contextOf(stage, "student"), { dataset }) as { weights: WeightsValue };
  expect(() => emit(average, contextOf(stage, "ema"), { weights: { ...weights, trainable: false } })).toThrow(
    "nothing to average",
  );
});
