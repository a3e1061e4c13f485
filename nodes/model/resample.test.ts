import { Graph } from "@distillery/shared/onnx/graph";
import { describe, expect, it } from "vitest";
import { newStage, runStage } from "../testing/stage";
import { axisWeights, resample } from "./resample";

/** torch.nn.functional.interpolate of [0, 1, 4, 9, 16] to `to` positions, both ways of one side, PyTorch 1.13. */
const expected = {
  area: { 3: [0.5, 4.666667, 12.5], 7: [0, 0.5, 2.5, 4, 6.5, 12.5, 16] },
  bilinear: { 3: [0.333333, 4, 13.666667], 7: [0, 0.571429, 1.857143, 4, 7.571429, 12, 16] },
  bicubic: { 3: [0.148148, 4, 14.074074], 7: [-0.078717, 0.265306, 1.682216, 4, 7.046647, 12.463557, 16.55102] },
} as const;

describe("resample", () => {
  it.each(["area", "bilinear", "bicubic"] as const)("%s is PyTorch's", (mode) => {
    const line = [0, 1, 4, 9, 16];
    for (const to of [3, 7] as const) {
      const weights = axisWeights(5, to, mode);
      const found = Array.from({ length: to }, (_, row) =>
        line.reduce((sum, value, i) => sum + value * (weights[row * 5 + i] as number), 0),
      );
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[mode][to][i] as number, 5);
      });
    }
  });

  it("works on both sides of an image", async () => {
    const stage = newStage(1);
    const x = stage.graph.input("x", "float32", [1, 1, 2, 4]);
    const y = resample(x, [1, 2], "area");
    expect(y.shape).toEqual([1, 1, 1, 2]);
    const result = await runStage(stage, { y }, { x: [1, 3, 5, 7, 9, 11, 13, 15] });
    expect(result.y).toEqual([6, 10]);
  });

  it("adds nothing where the size stays", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 3, 4, 4]);
    expect(resample(x, [4, 4], "bicubic")).toBe(x);
  });
});
