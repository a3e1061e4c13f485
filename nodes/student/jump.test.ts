import type { ImageValue, StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel, ownLabel } from "../time/labels";
import { boundaryScalings, jump } from "./jump";

const schedule = stableDiffusion();
const weights = formulaWeights((state) => tanh(state.x));
const batch = 3;
const from = ownLabel("bank", "the bank's time", 3, 39);

function build(params: Record<string, unknown>, label = ownLabel("target", "the target time", 0, 38, [from])) {
  const stage = newStage(batch);
  const x = stateInput(stage, schedule, [1], from);
  const s: TimeValue = { schedule, label, node: stage.graph.input("s", "int64", [batch]) };
  return {
    stage,
    outputs: () => emit(jump, contextOf(stage), { weights, x, s }, params) as { x: StateValue; predX0: ImageValue },
  };
}

const abar = (t: number) => schedule.alphasCumprod[t]!;

describe("jump", () => {
  it("lands where the prediction points (methods 2.1)", async () => {
    const { stage, outputs } = build({});
    const { x, predX0 } = outputs();
    const input = [0.5, -1, 2];
    const result = await runStage(stage, { x: x.x, predX0: predX0.x }, { x: input, t: [39, 39, 20], s: [20, 0, 20] });
    const times = [
      [779, 399],
      [779, 0],
      [399, 399],
    ] as const;
    times.forEach(([t, s], i) => {
      const eps = Math.tanh(input[i]!);
      const clean = (input[i]! - Math.sqrt(1 - abar(t)) * eps) / Math.sqrt(abar(t));
      expect(result.predX0[i]).toBeCloseTo(clean, 5);
      expect(result.x[i]).toBeCloseTo(Math.sqrt(abar(s)) * clean + Math.sqrt(1 - abar(s)) * eps, 5);
    });
    expect(result.x[2]).toBeCloseTo(2, 6);
    expect(x.t.label.id).toBe("of:target");
  });

  it("is exactly the identity at the edge", async () => {
    const { stage, outputs } = build({ parameterisation: "edge" });
    const result = await runStage(stage, { x: outputs().x.x }, { x: [0.1, 0.1, 0.1], t: [7, 7, 39], s: [7, 6, 39] });
    expect(result.x[0]).toBe(Math.fround(0.1));
    expect(result.x[2]).toBe(Math.fround(0.1));
    expect(result.x[1]).not.toBe(Math.fround(0.1));
  });

  it.each([
    [10, [1, 6.925e-6, 2.505e-9], [0, 0.9999965, 1]],
    [4, [1, 4.328e-5, 1.566e-8], [0, 0.9999784, 1]],
  ])("has the boundary scalings of scale %i (methods 3.2)", async (scale, skip, out) => {
    const stage = newStage(batch);
    const x = stateInput(stage, schedule);
    const { cSkip, cOut } = boundaryScalings(x, 0.5, scale);
    const result = await runStage(stage, { cSkip, cOut }, { x: [0, 0, 0], t: [0, 1, 50] });
    skip.forEach((value, i) => {
      expect(result.cSkip[i]! / value).toBeCloseTo(1, 3);
      expect(result.cOut[i]).toBeCloseTo(out[i]!, 6);
    });
  });

  it("keeps the boundary parameterisation to the clean end", () => {
    expect(() => build({ parameterisation: "boundary" }).outputs()).toThrow(/lands on the clean end only/);
    expect(build({ parameterisation: "boundary" }, fixedLabel(0)).outputs().x.t.label.max).toBe(0);
  });

  it("refuses a destination that may be later than the state", () => {
    const attempt = () => build({}, ownLabel("other", 'the target time of "Other"', 0, 38)).outputs();
    expect(attempt).toThrow(/state is at the bank's time.*destination is the target time of "Other"/);
    expect(attempt).toThrow(expect.objectContaining({ code: "time-order", socket: "s" }));
  });
});
