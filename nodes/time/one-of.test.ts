import type { TimeValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { fixedLabel } from "./labels";
import { noiseTravelNode } from "./noise-travel";
import { oneOf } from "./one-of";

function build(batch: number, params: Record<string, unknown> = {}) {
  const stage = newStage(batch);
  const schedule = stableDiffusion();
  const { t } = emit(oneOf, contextOf(stage, "drawn"), { schedule }, params) as { t: TimeValue };
  return { stage, schedule, t };
}

describe("time/one-of", () => {
  it("chooses by the weights' shares of the draw", async () => {
    const { stage, t } = build(7, { weights: [5, 1, 0, 2] });
    const u = [0, 0.62, 0.63, 0.74, 0.75, 0.9, 1];
    const { node } = await runStage(stage, { node: t.node }, { "random:drawn.choice": u });
    expect(node).toEqual([10, 10, 250, 250, 750, 750, 750]);
    expect(t.label).toMatchObject({ min: 0, max: 38 });
  });

  it("takes clean states there and no others", async () => {
    const { stage, schedule, t } = build(2);
    const travel = (label = fixedLabel(0), name = "") =>
      emit(noiseTravelNode, contextOf(stage, `travel${name}`), { x: stateInput(stage, schedule, [1], label, name), t });
    const { x } = travel() as { x: { x: TimeValue["node"] } };
    const result = await runStage(
      stage,
      { x: x.x },
      { x: [1, 1], t: [0, 0], "random:drawn.choice": [0, 0.99], "random:travel.noise": [0, 0] },
    );
    const abar = schedule.alphasCumprod;
    [10, 750].forEach((timestep, i) => {
      expect(result.x[i]).toBeCloseTo(Math.sqrt((abar[timestep] as number) / (abar[0] as number)), 5);
    });
    expect(() => travel(fixedLabel(12), "Later")).toThrow("noise can only be added");
  });

  it("refuses lists that do not fit", () => {
    expect(() => build(1, { weights: [1, 1] })).toThrow("4 timesteps need 4 weights");
    expect(() => build(1, { weights: [0, 0, 0, 0] })).toThrow("not all 0");
    expect(() => build(1, { timesteps: [1000], weights: [1] })).toThrow("beyond the schedule's last one, 999");
  });
});
