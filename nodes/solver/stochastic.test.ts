import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { mul, tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { alongOf, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel } from "../time/labels";
import { lcmSolver } from "./lcm";
import type { Solver } from "./solver";
import { tcdSolver } from "./tcd";

/** abar of the Stable Diffusion schedule (methods A.1). */
const ABAR = { 0: 0.99914998, 399: 0.42608613, 749: 0.05662345, 779: 0.04420041, 999: 0.0046601 } as const;
const alpha = (t: keyof typeof ABAR) => Math.sqrt(ABAR[t]);
const sigma = (t: keyof typeof ABAR) => Math.sqrt(1 - ABAR[t]);

/** One step from the last of 50 nodes (t = 999) to `node`, with eps = 0.4 and fresh noise z = -0.7. */
async function step(solver: Solver, node: number, x: number) {
  const stage = newStage(1);
  const state = stateInput(stage, stableDiffusion(), [1], fixedLabel(50));
  const p: TimeValue = {
    schedule: state.t.schedule,
    node: stage.graph.constant([node], [1], "int64"),
    label: fixedLabel(node),
  };
  const { predict } = formulaWeights(({ x: value }) => mul(value, 0.4 / x));
  const noise = () => stage.graph.constant([-0.7], [1, 1]);
  const along = { ...alongOf(stage, 0, 2), noise };
  const stepped = solver.step((at) => predict!(at, null), state, p, {}, along);
  return (await runStage(stage, { x: stepped.x.x }, { x: [x], t: [50] })).x[0]!;
}

const predX0 = (x: number) => (x - sigma(999) * 0.4) / alpha(999);

describe("TCD", () => {
  it("lands below the next time and travels back up with fresh noise", async () => {
    // (1 - gamma) 779 = 399.2, rounded down: the noise travel 399 -> 779 of methods A.2.
    const landed = alpha(399) * predX0(0.5) + sigma(399) * 0.4;
    expect(await step(tcdSolver({ gamma: 0.4875, order: 1 }), 39, 0.5)).toBeCloseTo(
      0.32208053 * landed + 0.94671228 * -0.7,
      5,
    );
  });

  it("goes through timestep 0 at gamma 1, and adds nothing in the last step", async () => {
    const landed = alpha(0) * predX0(0.5) + sigma(0) * 0.4;
    const kept = Math.sqrt(ABAR[779] / ABAR[0]);
    expect(await step(tcdSolver({ gamma: 1, order: 1 }), 39, 0.5)).toBeCloseTo(
      kept * landed - 0.7 * Math.sqrt(1 - kept ** 2),
      4,
    );
    for (const gamma of [0, 0.3, 1])
      expect(await step(tcdSolver({ gamma: gamma, order: 1 }), 0, 0.5)).toBeCloseTo(landed, 4);
  });

  it("at gamma 0 is the DDIM path (methods A.3)", async () => {
    const stage = newStage(1);
    let x: StateValue = stateInput(stage, stableDiffusion(4), [1], fixedLabel(4));
    const { predict } = formulaWeights((state) => tanh(state.x));
    const fetches: Record<string, StateValue["x"]> = {};
    for (const node of [3, 2, 1, 0]) {
      const p = { schedule: x.t.schedule, node: stage.graph.constant([node], [1], "int64"), label: fixedLabel(node) };
      x = tcdSolver({ gamma: 0, order: 1 }).step((at) => predict!(at, null), x, p, {}, alongOf(stage, 3 - node, 4)).x;
      fetches[node] = x.x;
    }
    const result = await runStage(stage, fetches, { x: [1], t: [4] });
    [1.57694269, 2.29763657, 2.84278313, 2.79828362].forEach((expected, i) => {
      expect(Math.abs(result[3 - i]![0]! - expected)).toBeLessThan(5e-6);
    });
  });

  it.each([
    [759, 0.3, 531],
    [250, 0.3, 175],
    [999, 0.2, 799],
  ])("lands, for the next time %i and gamma %f, at %i", (p, gamma, s) => {
    // The same float32 arithmetic as in the graph.
    expect(Math.floor(Math.fround(Math.fround(p * Math.fround(1 - gamma)) + Math.fround(1e-4)))).toBe(s);
  });
});

describe("LCM", () => {
  it("noises its clean sample anew, and ends at it", async () => {
    // c_skip(999) = 2.505e-9, c_out = 1 (methods 3.2).
    expect(await step(lcmSolver, 39, 0.5)).toBeCloseTo(alpha(779) * predX0(0.5) - 0.7 * sigma(779), 5);
    expect(await step(lcmSolver, 0, 0.5)).toBeCloseTo(predX0(0.5), 4);
  });
});
