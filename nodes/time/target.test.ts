import type { TimeValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { fixedLabel, isNotAfter, ownLabel } from "./labels";
import { timeAt } from "./offGrid";
import { target } from "./target";
import { edgeBelow, membersBelow, mergedSet, phaseEdges, segmentStart, startIndex, windowSize } from "./windows";

describe("window tables (methods 4.3 and 4.8)", () => {
  it.each([
    [0.65, 33, 17, 10],
    [0.75, 38, 19, 12],
    [0.85, 43, 22, 13],
    [0.95, 48, 24, 15],
  ])("eta %f", (eta, index, image, video) => {
    expect(startIndex(50, eta)).toBe(index);
    expect(windowSize(50, eta, 0.5)).toBe(image);
    expect(windowSize(50, eta, 0.3)).toBe(video);
  });

  it.each([
    [50, 1, [0]],
    [50, 2, [0, 25]],
    [50, 4, [0, 12, 25, 37]],
    [50, 8, [0, 6, 12, 18, 25, 31, 37, 43]],
    [50, 16, [0, 3, 6, 9, 12, 15, 18, 21, 25, 28, 31, 34, 37, 40, 43, 46]],
    [40, 4, [0, 10, 20, 30]],
    [40, 8, [0, 5, 10, 15, 20, 25, 30, 35]],
  ])("PCM edges for N = %i, M = %i", (nodes, phases, edges) => {
    expect(phaseEdges(nodes, 1, phases)).toEqual(edges);
  });

  it("has STD's phase mode", () => {
    expect(phaseEdges(50, 0.75, 8)).toEqual([0, 4, 9, 14, 18, 23, 28, 32]);
    expect(edgeBelow([0, 12, 25, 37], 50)[25]).toBe(25);
    expect(edgeBelow([0, 12, 25, 37], 50)[24]).toBe(12);
  });
});

const tdd = { timesteps: 1000, nodes: 250 };

describe("TDD's merged set (methods 4.4)", () => {
  const set = mergedSet(tdd, 1, 4, 8);

  it("is the published one", () => {
    expect(set.join(" ")).toBe("0 127 143 167 199 251 287 335 375 399 431 499 571 599 627 667 715 751 799 835 859 875");
  });

  it("leaves the starts of a partial schedule out", () => {
    // methods 4.8, eta 0.75: 739 639 559 ... and 679 499 339 179 on 50 nodes.
    expect(mergedSet({ timesteps: 1000, nodes: 50 }, 0.75, 4, 4)).toEqual([0, 179, 339, 499]);
    expect(mergedSet({ timesteps: 1000, nodes: 50 }, 0.75, 8, 8)).toEqual([0, 99, 199, 279, 379, 459, 559, 639]);
  });

  it.each([
    // t_prev, ub, the lowest member in [ub - 260, ub]
    [995, 875, 627],
    [875, 875, 627],
    [871, 859, 599],
    [499, 499, 251],
    [251, 251, 0],
    [126, 0, 0],
    [0, 0, 0],
  ])("below %i: from %i down to %i", (t, ub, lowest) => {
    const { first, count } = membersBelow(set, t, 260);
    expect([set[first + count - 1], set[first]]).toEqual([ub, lowest]);
  });
});

it("cuts segments at L e - 1, timestep 0 the first (methods 4.5, by the grid's convention)", () => {
  expect([0, 123, 124, 248, 249, 998, 999].map((t) => segmentStart(1000, 8, t))).toEqual([
    0, 0, 124, 124, 249, 874, 999,
  ]);
  expect([0, 499, 979].map((t) => segmentStart(1000, 1, t))).toEqual([0, 0, 0]);
});

const label = ownLabel("bank", "the bank's time", 1, 40);

async function draw(
  params: Record<string, unknown>,
  nodes: number[],
  feeds: Record<string, number[]> = {},
  schedule = stableDiffusion(),
) {
  const stage = newStage(nodes.length);
  const x = stateInput(stage, schedule, [1], { ...label, max: schedule.nodes - 1 });
  const { s } = emit(target, contextOf(stage, "target", "Target time"), { x }, params) as { s: TimeValue };
  const { node } = await runStage(stage, { node: s.node }, { x: nodes.map(() => 0), t: nodes, ...feeds });
  return { node, s, x };
}

describe("target time", () => {
  it("draws every node of the window and no other", async () => {
    const batch = Array.from({ length: 2000 }, () => 38);
    const { node, s, x } = await draw({ rule: "window", eta: 0.75, rate: 0.5 }, batch);
    const drawn = [...new Set(node)].sort((a, b) => a - b);
    expect(drawn).toEqual(Array.from({ length: 19 }, (_, i) => 19 + i));
    expect(isNotAfter(s.label, x.t.label)).toBe(true);
    expect(isNotAfter(x.t.label, s.label)).toBe(false);
  });

  it("keeps the window above the clean end, and inside it at both ends of the draw", async () => {
    const top = 1 - 2 ** -24;
    const { node } = await draw({ rule: "window" }, [1, 1, 2, 2, 40, 40], {
      "random:target.target": [0, 1, 0, top, 0, 1],
    });
    expect(node).toEqual([0, 0, 1, 0, 39, 21]);
  });

  it("draws uniformly from 0 to the state itself", async () => {
    const { node } = await draw({ rule: "uniform" }, [5, 5, 5, 1], { "random:target.target": [0, 0.99, 1, 0.6] });
    expect(node).toEqual([5, 0, 0, 0]);
  });

  it("gives zero and phase edges", async () => {
    const zero = await draw({ rule: "zero" }, [5, 40]);
    expect(zero.node).toEqual([0, 0]);
    expect(zero.s.label.id).toBe(fixedLabel(0).id);
    const phases = await draw({ rule: "phases", eta: 1, phases: 4 }, [1, 12, 24, 25, 40]);
    expect(phases.node).toEqual([0, 12, 12, 25, 37]);
    expect(phases.s.label.max).toBe(37);
  });

  it("gives the teacher's own time, label and all", async () => {
    const { node, s, x } = await draw({ rule: "teacher" }, [5, 0, 40]);
    expect(node).toEqual([5, 0, 40]);
    expect(s.label).toBe(x.t.label);
  });

  it("draws TDD's members evenly and moves them toward 0, between nodes", async () => {
    const top = 1 - 2 ** -24;
    const at = (target: number, shrink: number) => ({
      "random:target.target": [target],
      "random:target.shrink": [shrink],
    });
    const s = async (node: number, target: number, shrink: number) =>
      (await draw({ rule: "set", eta: 1 }, [node], at(target, shrink), stableDiffusion(250))).node[0];
    // Node 249 is t = 995: 8 members from 627 to 875.
    expect([await s(249, 0, 0), await s(249, 0.5, 0), await s(249, top, 0), await s(249, 1, 0)]).toEqual([
      627, 799, 875, 875,
    ]);
    expect(await s(249, top, 0.5)).toBe(Math.floor(0.85 * 875));
    expect(await s(249, top, top)).toBe(612);
    expect([await s(0, top, top), await s(31, 0.9, 0.3)]).toEqual([0, 0]);
    const {
      node: all,
      s: time,
      x,
    } = await draw({ rule: "set", eta: 1, shrink: 0 }, Array(3000).fill(249), {}, stableDiffusion(250));
    const counts = new Map<number, number>();
    for (const t of all) counts.set(t, (counts.get(t) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([627, 667, 715, 751, 799, 835, 859, 875]);
    for (const count of counts.values()) expect(Math.abs(count - 375)).toBeLessThan(5 * Math.sqrt(375));
    expect(time.schedule.id).toBe(x.t.schedule.id);
    expect(isNotAfter(time.label, x.t.label)).toBe(true);
    expect(time.label.max).toBe(219);
  });

  it("draws every timestep of a segment and no other", async () => {
    const top = 1 - 2 ** -24;
    const at = (u: number[]) => ({ "random:target.target": u });
    // N = 50, 8 segments of 125: node 10 is t = 199 in 124..248, node 6 is t = 119 in 0..123.
    const { node, s, x } = await draw(
      { rule: "segment", phases: 8 },
      [10, 10, 10, 6, 6, 0],
      at([0, 0.5, top, 0, 1, top]),
    );
    expect(node).toEqual([124, 162, 199, 0, 119, 0]);
    expect(isNotAfter(s.label, x.t.label)).toBe(true);
    const drawn = (await draw({ rule: "segment", phases: 4 }, Array(3000).fill(14))).node;
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual(Array.from({ length: 31 }, (_, i) => 249 + i));
  });

  it("counts in nodes, so it refuses a state between them", () => {
    const stage = newStage(1);
    const { x, t } = stateInput(stage, stableDiffusion(), [1], label);
    const between = timeAt(t.schedule, t.node, label);
    expect(() => emit(target, contextOf(stage), { x: { x, t: between } }, { rule: "uniform" })).toThrow(
      /between two of them/,
    );
  });

  it("refuses a window below node 0", () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion(), [1], ownLabel("start", "the start", 0, 5));
    expect(() => emit(target, contextOf(stage), { x }, { rule: "window" })).toThrow(/the start.*may already be node 0/);
  });
});
