import { latestTimestep } from "@distillery/shared/graph/timesteps";
import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { fixedLabel, isNotAfter, isSameTime, ownLabel } from "./labels";
import { noiseTravelNode } from "./noise-travel";
import { noiseTravel } from "./noiseTravel";
import { nodesAround, requireOnGrid, timeAt } from "./offGrid";

const schedule = stableDiffusion();

describe("noise travel", () => {
  it("has the coefficients of methods A.2 from 399 to 779, and none to where it is", async () => {
    const stage = newStage(2);
    const from = stateInput(stage, schedule, [1], ownLabel("x", "x", 0, 50));
    const to: TimeValue = { ...from.t, node: stage.graph.input("to", "int64", [2]) };
    const noise = stage.graph.input("noise", "float32", [2, 1]);
    const times = { x: [1, 1], t: [20, 20], to: [39, 20] };
    const { x } = noiseTravel(from, to, noise);
    const kept = await runStage(stage, { x }, { ...times, noise: [0, 5] });
    expect(kept.x[0]).toBeCloseTo(0.32208053, 6);
    expect(kept.x[1]).toBe(1);
    const added = await runStage(stage, { x }, { ...times, x: [0, 0], noise: [1, 5] });
    expect(added.x[0]).toBeCloseTo(0.94671228, 6);
    expect(added.x[1]).toBe(0);
  });

  it("is the same law in two legs as in one", async () => {
    const stage = newStage(1);
    const from = stateInput(stage, schedule, [1], fixedLabel(5));
    const at = (node: number): TimeValue => ({ ...from.t, node: stage.graph.constant([node], [1], "int64") });
    const one = (value: number) => stage.graph.constant([value], [1, 1]);
    const legs = async (first: number, second: number) => {
      const { x } = noiseTravel(noiseTravel(from, at(20), one(first)), at(39), one(second));
      return (await runStage(stage, { x }, { x: [0], t: [5] })).x[0]!;
    };
    const direct = noiseTravel(from, at(39), one(1)).x;
    const whole = (await runStage(stage, { direct }, { x: [0], t: [5] })).direct[0]!;
    expect(Math.hypot(await legs(1, 0), await legs(0, 1))).toBeCloseTo(whole, 5);
  });
});

async function travel(
  params: Record<string, unknown>,
  nodes: number[],
  feeds: Record<string, number[]> = {},
  step = 0,
) {
  const stage = newStage(nodes.length);
  const x = stateInput(stage, schedule, [1], ownLabel("s", "the target time", 0, 39));
  const out = emit(noiseTravelNode, contextOf(stage, "travel", "Noise"), { x }, params);
  const [state, t] = [out.x as StateValue, out.t as TimeValue];
  const { timestep, noised } = await runStage(
    stage,
    { timestep: t.schedule.timestep(t), noised: state.x },
    { x: nodes.map(() => 0), t: nodes, ...feeds },
    step,
  );
  return { timestep, noised, state, t, x };
}

describe("the noise travel node", () => {
  it("draws u from s up to reach - 1 timesteps later, never beyond the last", async () => {
    const top = 1 - 2 ** -24;
    const u = { "random:travel.u": [0, top, 0.5, top, 1] };
    const { timestep } = await travel({ reach: 250 }, [0, 0, 20, 39, 39], u);
    expect(timestep).toEqual([0, 249, 399 + 125, 999, 999]);
    expect((await travel({ reach: 1 }, [13], { "random:travel.u": [top] })).timestep).toEqual([259]);
  });

  it("names its time: not before s, bounded by the nodes around, for a second state to share", async () => {
    const { state, t, x } = await travel({ reach: 125 }, [3]);
    expect(isSameTime(state.t, t)).toBe(true);
    expect(isNotAfter(x.t.label, t.label)).toBe(true);
    expect(isNotAfter(t.label, x.t.label)).toBe(false);
    // Node 39 is timestep 779; 779 + 124 = 903 lies below node 46 (919).
    expect(t.label.max).toBe(46);
    expect(latestTimestep(t)).toBe(919);
    const stage = newStage(1);
    const other = stateInput(stage, schedule, [1], x.t.label);
    const shared = timeAt(schedule, stage.graph.input("u", "int64", [1]), t.label);
    expect(() => emit(noiseTravelNode, contextOf(stage), { x: other, t: shared })).not.toThrow();
  });

  it("keeps its noise from step to step when it is fixed, and differs by row", async () => {
    const at = async (noise: string, step: number) =>
      (await travel({ noise }, [20, 20], { "random:travel.u": [0.9, 0.9] }, step)).noised;
    const fixed = await at("fixed", 0);
    expect(await at("fixed", 1)).toEqual(fixed);
    expect(fixed[0]).not.toBe(fixed[1]);
    expect(await at("fresh", 0)).not.toEqual(await at("fresh", 1));
  });

  it("refuses an earlier time", () => {
    const stage = newStage(1);
    const x = stateInput(stage, schedule, [1], ownLabel("bank", "the bank's time", 3, 39));
    const t = { ...x.t, label: fixedLabel(0) };
    expect(() => emit(noiseTravelNode, contextOf(stage), { x, t })).toThrow(/noise can only be added.*bank's time/);
  });
});

describe("times between solver nodes", () => {
  it("stay on their schedule and know the nodes around them", () => {
    const stage = newStage(1);
    const timestep = stage.graph.input("s", "int64", [1]);
    const t = timeAt(schedule, timestep, ownLabel("target", "the target time", 0, 3, [fixedLabel(3)]));
    expect(t.schedule.id).toBe(schedule.id);
    expect(timeAt(t.schedule, timestep, t.label).schedule).toBe(t.schedule);
    const around = [0, 1, 19, 20, 779, 780, 999].map((each) => Object.values(nodesAround(schedule, each)).join(" "));
    expect(around).toEqual(["0 0", "0 1", "1 1", "1 2", "39 39", "39 40", "50 50"]);
    expect(isNotAfter(t.label, fixedLabel(3))).toBe(true);
    expect(() => requireOnGrid(contextOf(stage), t)).toThrow(/between two of them/);
  });
});
