import { describe, expect, it } from "vitest";
import { newStage, runStage } from "../testing/stage";
import { quantileOfSize } from "./clipping";

describe("quantile of the size within each sample", () => {
  it.each([
    // numpy.quantile(abs(x), p)
    [0.5, [2, 25]],
    [0.9, [3.6, 38]],
    [0.25, [1, 17.5]],
    [1, [4, 40]],
  ])("p = %f", async (p, expected) => {
    const stage = newStage(2);
    const x = stage.graph.input("x", "float32", [2, 5]);
    const result = await runStage(stage, { q: quantileOfSize(x, p) }, { x: [-4, 0, 1, -2, 3, 10, -40, 35, 17.5, -25] });
    result.q.forEach((value, row) => {
      expect(value).toBeCloseTo(expected[row]!, 5);
    });
  });
});
