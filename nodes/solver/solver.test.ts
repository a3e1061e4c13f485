import type { ConditionValue, StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { cast, max, mul, sub, tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { predictionFrom, stateAt } from "../schedule/prediction";
import { alongOf, contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel, ownLabel } from "../time/labels";
import { ddim, ddimSolver } from "./ddim";
import { dpmppSolver } from "./dpmpp";
import { dpmpp2m } from "./dpmpp2m";
import { euler, eulerSolver } from "./euler";
import { heun, heunSolver } from "./heun";
import type { Carry, OdeSolver } from "./solver";

const at = (state: StateValue, node: number): TimeValue => ({
  schedule: state.t.schedule,
  node: state.x.graph.constant([node], [1], "int64"),
  label: fixedLabel(node),
});
const outputX = (outputs: Readonly<Record<string, unknown>>) => outputs.x as StateValue;

/** States after each step of the toy model eps = tanh(x) on the nodes 999 749 499 249 (0). */
async function toyPath(solver: OdeSolver, lastStepToClean: boolean) {
  const stage = newStage(1);
  let x = stateInput(stage, stableDiffusion(4), [1], fixedLabel(4));
  let carry: Carry = Object.fromEntries(
    Object.entries(solver.carry([1])).map(([name, shape]) => [name, stage.graph.constant([0], [1, ...shape])]),
  );
  const { predict } = formulaWeights((state) => tanh(state.x));
  const fetches: Record<string, StateValue["x"]> = {};
  for (const node of [3, 2, 1, 0]) {
    const along = alongOf(stage, 3 - node, 4);
    const stepped = solver.step((state) => predict!(state, null), x, at(x, node), carry, along);
    x = stepped.x;
    fetches[node] = lastStepToClean && node === 0 ? stepped.prediction.predX0 : x.x;
    carry = stepped.carry;
  }
  const result = await runStage(stage, fetches, { x: [1], t: [4] });
  return [3, 2, 1, 0].map((node) => result[node]![0]!);
}

describe("four-step trajectories (methods A.3)", () => {
  it.each([
    ["DDIM", ddimSolver, false, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    ["Euler equals DDIM", eulerSolver, false, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    ["DPM-Solver++ 2M", dpmppSolver("midpoint"), true, [1.57694269, 2.22351911, 2.67941546, 2.57352635]],
    ["Heun", heunSolver, true, [1.38078227, 1.86189531, 2.17534992, 1.97135308]],
  ] as const)("%s", async (_name, solver, clean, expected) => {
    const path = await toyPath(solver, clean);
    path.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(5e-6);
    });
  });
});

describe("scalars at t = 779 (methods A.2)", () => {
  it("converts predictions and jumps", async () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion());
    const output = stage.graph.input("e", "float32", [1, 1]);
    const epsilon = predictionFrom(output, x, "epsilon");
    const velocity = predictionFrom(output, x, "v_prediction");
    const sample = predictionFrom(epsilon.predX0, x, "sample");
    const result = await runStage(
      stage,
      {
        predX0: epsilon.predX0,
        at759: stateAt(at(x, 38), epsilon),
        at399: stateAt(at(x, 20), epsilon),
        at0: stateAt(at(x, 0), epsilon),
        at779: stateAt(x.t, epsilon),
        vPredX0: velocity.predX0,
        vEps: velocity.eps,
        v759: stateAt(at(x, 38), velocity),
        v399: stateAt(at(x, 20), velocity),
        sampleEps: sample.eps,
      },
      { x: [0.5], t: [39], e: [-0.3] },
    );
    const expected = {
      predX0: 3.77330194,
      at759: 0.5701417,
      at399: 2.23576184,
      at0: 3.76295137,
      at779: 0.5,
      vPredX0: 0.39841448,
      vEps: 0.42575333,
      v759: 0.50552769,
      v399: 0.58260453,
      sampleEps: -0.3,
    };
    for (const [name, value] of Object.entries(expected)) {
      expect(Math.abs(result[name as keyof typeof result]![0]! - value), name).toBeLessThan(1.5e-6);
    }
  });

  const condition = (stage: ReturnType<typeof newStage>): ConditionValue => ({
    tensors: { value: stage.graph.constant([-0.3], [1, 1]) },
    nullTensors: { value: stage.graph.constant([-0.1], [1, 1]) },
    labels: {},
  });
  const readsCondition = formulaWeights((_x, given) => given!.tensors.value!);

  it("guides in the LCM form and steps to 759", async () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion());
    const inputs = { weights: readsCondition, x, condition: condition(stage) };
    const outputs = emit(ddim, contextOf(stage), inputs, { guidance: "lcm", guidanceScale: 7.5 });
    const { predX0, eps } = outputs as Record<string, { x: StateValue["x"] }>;
    const result = await runStage(
      stage,
      { x: outputX(outputs).x, predX0: predX0!.x, eps: eps!.x, node: outputX(outputs).t.node },
      { x: [0.5], t: [39] },
    );
    expect(result.eps[0]).toBeCloseTo(-1.8, 6);
    expect(result.predX0[0]).toBeCloseTo(10.74857984, 5);
    expect(result.x[0]).toBeCloseTo(0.7036871, 5);
    expect(result.node[0]).toBe(38);
    expect(outputX(outputs).t.label.id).toBe(fixedLabel(38).id);
  });

  it("guides in the Imagen form", async () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion());
    const inputs = { weights: readsCondition, x, condition: condition(stage) };
    const { eps } = emit(ddim, contextOf(stage), inputs, { guidance: "imagen", guidanceScale: 7.5 });
    const result = await runStage(stage, { eps: (eps as { x: StateValue["x"] }).x }, { x: [0.5], t: [39] });
    expect(result.eps[0]).toBeCloseTo(-1.6, 6);
  });

  it("draws one scale per sample inside its range", async () => {
    const stage = newStage(64);
    const x = stateInput(stage, stableDiffusion());
    const context = contextOf(stage);
    const wide: ConditionValue = {
      tensors: { value: stage.graph.constant(Array(64).fill(1), [64, 1]) },
      nullTensors: { value: stage.graph.constant(Array(64).fill(0), [64, 1]) },
      labels: {},
    };
    const params = { guidance: "imagen", guidanceDraw: "uniform", guidanceScale: 5, guidanceScaleTo: 15 };
    const { eps } = emit(ddim, context, { weights: readsCondition, x, condition: wide }, params);
    const result = await runStage(
      stage,
      { eps: (eps as { x: StateValue["x"] }).x },
      { x: Array(64).fill(0), t: Array(64).fill(39) },
    );
    expect(Math.min(...result.eps)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...result.eps)).toBeLessThanOrEqual(15);
    expect(new Set(result.eps).size).toBeGreaterThan(50);
  });

  it("says what is missing when guidance has no condition", () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion());
    expect(() => emit(ddim, contextOf(stage), { weights: readsCondition, x }, { guidance: "lcm" })).toThrow(
      /no condition is connected/,
    );
  });

  it("names both shapes when the network takes other samples", () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion(), [2]);
    const weights = formulaWeights((state) => state.x, [3, 32, 32]);
    expect(() => emit(ddim, contextOf(stage), { weights, x })).toThrow(/\[3, 32, 32\].*\[2\]/);
  });
});

describe("solver nodes", () => {
  it.each([ddim, euler, heun, dpmpp2m])("$type stops at node 0 and leaves it unchanged", async (definition) => {
    const stage = newStage(3);
    const x = stateInput(stage, stableDiffusion(), [1], ownLabel("bank", "the bank's time", 0, 39));
    const weights = formulaWeights((state) => mul(tanh(state.x), 0.5));
    const stepped = outputX(emit(definition, contextOf(stage), { weights, x }, { nodes: 3 }));
    const result = await runStage(
      stage,
      { x: stepped.x, node: stepped.t.node, moved: sub(stepped.x, x.x), asFloat: cast(stepped.t.node, "float32") },
      { x: [0.3, 0.3, 0.3], t: [0, 2, 39] },
    );
    expect(result.node).toEqual([0, 0, 36]);
    expect(Math.abs(result.moved[0]!)).toBeLessThan(1e-7);
    expect(Math.abs(result.moved[2]!)).toBeGreaterThan(1e-3);
    expect(stepped.t.label).toMatchObject({ min: 0, max: 36 });
  });

  it.each([ddim, dpmpp2m])("$type makes several steps as a path does", async (definition) => {
    const stage = newStage(2);
    const x = stateInput(stage, stableDiffusion(), [1], ownLabel("bank", "the bank's time", 0, 39));
    const weights = formulaWeights((state) => tanh(state.x));
    const solver = definition === ddim ? ddimSolver : dpmppSolver("midpoint");
    const several = outputX(emit(definition, contextOf(stage), { weights, x }, { nodes: 2, steps: 4 }));
    let [path, carry]: [StateValue, Carry] = [x, {}];
    for (const below of [2, 4, 6, 8]) {
      const s: TimeValue = { ...x.t, node: max(sub(x.t.node, below), 0) };
      const along = alongOf(stage, below / 2 - 1, 4);
      ({ x: path, carry } = solver.step((state) => weights.predict!(state, null), path, s, carry, along));
    }
    const fetches = { found: several.x, node: several.t.node, expected: path.x };
    const result = await runStage(stage, fetches, { x: [0.3, 0.7], t: [39, 3] });
    expect(result.node).toEqual([31, 0]);
    for (const value of result.found) expect(value).not.toBeNaN();
    expect(result.found).toEqual(result.expected);
    expect(several.t.label.id).toBe("of:bank-8");
  });

  it("makes DPM-Solver++ without history the DDIM step", async () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion());
    const weights = formulaWeights((state) => tanh(state.x));
    const a = outputX(emit(ddim, contextOf(stage, "a"), { weights, x }));
    const b = outputX(emit(dpmpp2m, contextOf(stage, "b"), { weights, x }));
    const result = await runStage(stage, { a: a.x, b: b.x }, { x: [0.7], t: [39] });
    expect(result.a[0]).toBeCloseTo(result.b[0]!, 5);
    expect(a.t.label.id).toBe(b.t.label.id);
  });
});
