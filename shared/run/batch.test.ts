import { expect, test } from "vitest";
import { batchSize, plannedRuns, spaced } from "./batch";

test("every combination with every seed, labelled with what sets it apart", () => {
  const batch = {
    seeds: 2,
    sweep: [
      { param: "trainer.learningRate", values: [1e-4, 1e-3] },
      { param: "loss.distance", values: ["l2", "huber", "lpips"] },
    ],
  };
  const runs = plannedRuns(batch, 7, "width 32");
  expect(runs).toHaveLength(batchSize(batch));
  expect(new Set(runs.map(({ label }) => label)).size).toBe(12);
  expect(runs[0]).toEqual({
    label: "width 32: trainer.learningRate 0.0001, loss.distance l2, seed 7",
    seed: 7,
    params: { "trainer.learningRate": 1e-4, "loss.distance": "l2" },
  });
  expect(runs.at(-1)).toMatchObject({ seed: 8, params: { "trainer.learningRate": 1e-3, "loss.distance": "lpips" } });
  expect(plannedRuns({ seeds: 1, sweep: [] }, 3)).toEqual([{ label: "", seed: 3, params: {} }]);
  expect(plannedRuns({ seeds: 2, sweep: [] }, 0xffffffff).map(({ seed }) => seed)).toEqual([0xffffffff, 0]);
});

test("ranges by value and by logarithm", () => {
  expect(spaced(0, 1, 5, "linear")).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(spaced(1e-4, 1e-1, 4, "log")).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
  expect(spaced(3, 9, 1, "log")).toEqual([3]);
  expect(spaced(0, 1, 3, "log")).toEqual([]);
});
