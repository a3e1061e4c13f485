import type { TimeLabel } from "@distillery/shared/graph/wires";
import { tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { buildSampler, samplePath } from "../testing/samplerPath";
import { stableDiffusion } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel, ownLabel } from "../time/labels";

const weights = formulaWeights((state) => tanh(state.x));

describe("sampler", () => {
  it.each([
    [{ solver: "ddim", nfe: 4 }, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    [{ solver: "euler", nfe: 4 }, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    [{ solver: "dpmpp-2m", nfe: 4, lastStepToClean: true }, [1.57694269, 2.22351911, 2.67941546, 2.57352635]],
    [{ solver: "heun", nfe: 8, lastStepToClean: true }, [1.38078227, 1.86189531, 2.17534992, 1.97135308]],
  ])("%j walks the published path (methods A.3)", async (given, expected) => {
    const { states } = await samplePath({ given, schedule: stableDiffusion(4), weights, x: [1] });
    expect(states).toHaveLength(5);
    expected.forEach((value, i) => {
      expect(Math.abs(states[i + 1]![0]! - value)).toBeLessThan(5e-6);
    });
  });

  const pathOf = (given: Record<string, unknown>, label: TimeLabel = fixedLabel(39)) =>
    buildSampler({ given, schedule: stableDiffusion(), weights, label }).plan.paths[0]!;
  const nodesOf = (given: Record<string, unknown>, label?: TimeLabel) => pathOf(given, label).nodes;

  it("plans even steps, STD's steps, and every node", () => {
    expect(nodesOf({ nfe: 4 })).toEqual([39, 29, 20, 10, 0]);
    expect(nodesOf({ nfe: 8, solver: "heun" })).toEqual([39, 29, 20, 10, 0]);
    expect(nodesOf({ nfe: 50 })).toHaveLength(40);
    expect(nodesOf({ nfe: 8, spacing: "std" })).toEqual([39, 32, 28, 23, 19, 14, 10, 5, 0]);
  });

  it("refuses starts that are not one node, and spacings that do not fit", () => {
    expect(() => nodesOf({}, ownLabel("start", 'the start time of "Start"', 2, 38))).toThrow(
      /start at one node.*the start time of "Start" \(solver nodes 2 to 38\)/,
    );
    expect(() => nodesOf({ spacing: "std" }, fixedLabel(20))).toThrow(/does not fit below the start, node 20/);
    expect(() => nodesOf({}, fixedLabel(0))).toThrow(/already at node 0/);
  });
});
