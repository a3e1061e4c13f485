import type { TimeValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { fixedLabel, isNotAfter, ownLabel } from "./labels";
import { target } from "./target";
import { edgeBelow, phaseEdges, startIndex, windowSize } from "./windows";

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

const label = ownLabel("bank", "the bank's time", 1, 40);

async function draw(params: Record<string, unknown>, nodes: number[], feeds: Record<string, number[]> = {}) {
  const stage = newStage(nodes.length);
  const x = stateInput(stage, stableDiffusion(), [1], label);
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

  it("refuses a window below node 0", () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion(), [1], ownLabel("start", "the start", 0, 5));
    expect(() => emit(target, contextOf(stage), { x }, { rule: "window" })).toThrow(/the start.*may already be node 0/);
  });
});
