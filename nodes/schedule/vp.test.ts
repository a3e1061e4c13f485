import type { ScheduleValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage } from "../testing/stage";
import { fixedLabel } from "../time/labels";
import { variancePreserving } from "./vp";

const build = (params: Record<string, unknown> = {}, batch = 1) => {
  const stage = newStage(batch);
  const { schedule } = emit(variancePreserving, contextOf(stage, "vp"), {}, params) as { schedule: ScheduleValue };
  return { stage, schedule };
};

describe("noise schedule", () => {
  it("looks alpha, sigma and the timestep up per sample (methods 2.8 and A.2)", async () => {
    const { stage, schedule } = build({}, 4);
    const t = { schedule, label: fixedLabel(0), node: stage.graph.input("t", "int64", [4]) };
    const tables = { alpha: schedule.alpha(t), sigma: schedule.sigma(t), timestep: schedule.timestep(t) };
    const result = await runStage(stage, tables, { t: [0, 39, 1, 50] });
    expect(result.timestep).toEqual([0, 779, 19, 999]);
    expect(result.alpha[1]).toBeCloseTo(0.21023894, 7);
    expect(result.sigma[1]).toBeCloseTo(0.97765003, 7);
    expect(result.alpha[0]! ** 2).toBeCloseTo(0.99914998, 6);
    expect(result.alpha[3]! ** 2).toBeCloseTo(0.0046601, 7);
  });

  it("ends in pure noise when asked to", () => {
    const { schedule } = build({ zeroTerminalSnr: true, predictionType: "v_prediction" });
    expect(schedule.alphasCumprod.at(-1)).toBe(0);
    expect(schedule.predictionType).toBe("v_prediction");
  });

  it("refuses a grid that does not divide the timesteps", () => {
    expect(() => build({ nodes: 48 })).toThrow(/48 solver nodes do not divide 1000 timesteps/);
    expect(build({ nodes: 40 }).schedule.timestepOf(1)).toBe(24);
  });
});
