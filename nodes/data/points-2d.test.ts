import type { DatasetReader, DatasetValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { points2d } from "./points-2d";

const datasetOf = (params: Record<string, unknown>) =>
  (emit(points2d, contextOf(newStage(1)), {}, params) as { dataset: DatasetValue }).dataset;

function all(reader: DatasetReader, split: "train" | "heldOut"): string[] {
  const point = new Float32Array(2);
  return Array.from({ length: reader.count(split) }, (_, i) => {
    expect(reader.read(split, i, point, 0).class).toBe(-1);
    return point.join();
  });
}

describe("data/points-2d", () => {
  it.each(["gaussian-mixture", "two-moons", "swiss-roll", "checkerboard"])(
    "%s: disjoint splits, the same for a seed",
    async (shape) => {
      const dataset = datasetOf({ shape, samples: 1000 });
      const reader = await dataset.open(noResources, 3);
      const train = all(reader, "train");
      const heldOut = all(reader, "heldOut");
      expect(train).toHaveLength(1000);
      expect(heldOut).toHaveLength(176);
      expect(new Set([...train, ...heldOut]).size).toBe(1176);
      expect(all(await dataset.open(noResources, 3), "heldOut")).toEqual(heldOut);
      expect(all(await dataset.open(noResources, 4), "heldOut")).not.toEqual(heldOut);
      expect(dataset.mixture === undefined).toBe(shape !== "gaussian-mixture");
    },
  );

  it("gives the mixture that its points come from", async () => {
    const dataset = datasetOf({ components: 5, std: 0.05, samples: 500 });
    const { means, std, weights } = dataset.mixture ?? { means: [], std: 0, weights: [] };
    expect(weights).toEqual(new Float32Array(5).fill(0.2));
    const reader = await dataset.open(noResources, 1);
    const point = new Float32Array(2);
    for (let i = 0; i < 500; i++) {
      reader.read("train", i, point, 0);
      const distances = [0, 1, 2, 3, 4].map((k) =>
        Math.hypot(
          (point[0] as number) - (means[2 * k] as number),
          (point[1] as number) - (means[2 * k + 1] as number),
        ),
      );
      expect(Math.min(...distances)).toBeLessThan(6 * std);
    }
  });
});
