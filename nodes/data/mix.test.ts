import type { DatasetValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { datasetOf, type Sample } from "../testing/dataset";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { mixNode } from "./mix";

const sample = (value: number, classIndex: number, split: Sample["split"] = "train"): Sample => ({
  values: [value],
  classIndex,
  split,
});
const drawings: DatasetValue = {
  ...datasetOf([sample(1, 0), sample(2, 1), sample(3, 1), sample(4, 0, "heldOut")], {
    sampleShape: [1],
    classes: ["ink", "oil"],
    trainCount: 3,
  }),
  title: "Drawings",
};
const photos: DatasetValue = {
  ...datasetOf([sample(10, -1), sample(11, -1, "heldOut")], { sampleShape: [1], trainCount: 1 }),
  title: "Photos",
};
const paintings: DatasetValue = {
  ...datasetOf([sample(20, 0)], { sampleShape: [1], classes: ["oil"], trainCount: 1 }),
  title: "Paintings",
};

const mixtureOf = (datasets: readonly DatasetValue[], share = "proportional") =>
  (emit(mixNode, contextOf(newStage(1)), { datasets }, { share }) as { dataset: DatasetValue }).dataset;

async function valuesOf(dataset: DatasetValue, split: "train" | "heldOut" | "all", classIndex?: number) {
  const reader = await dataset.open(noResources, 0);
  return Array.from({ length: reader.count(split, classIndex) }, (_, i) => {
    const out = new Float32Array(1);
    const labels = reader.read(split, i, out, 0, classIndex);
    return [out[0], labels.class];
  });
}

describe("data/mix", () => {
  const all = [drawings, photos, paintings];

  it("joins classes by name; a data set without any becomes a class", async () => {
    const dataset = mixtureOf(all);
    expect(dataset).toMatchObject({ classes: ["ink", "oil", "Photos"], trainCount: 5, sampleShape: [1] });
    expect(await valuesOf(dataset, "train")).toEqual([
      [1, 0],
      [2, 1],
      [3, 1],
      [10, 2],
      [20, 1],
    ]);
    expect(await valuesOf(dataset, "heldOut")).toEqual([
      [4, 0],
      [11, 2],
    ]);
    expect(await valuesOf(dataset, "train", 1)).toEqual([
      [2, 1],
      [3, 1],
      [20, 1],
    ]);
    expect(await valuesOf(dataset, "all", 2)).toEqual([
      [10, 2],
      [11, 2],
    ]);
  });

  it("gives every data set its turn in training, and repeats nothing in an evaluation", async () => {
    const dataset = mixtureOf(all, "equal");
    const training = await valuesOf(dataset, "train");
    expect(dataset.trainCount).toBe(9);
    expect(training.map(([value]) => value)).toEqual([1, 10, 20, 2, 10, 20, 3, 10, 20]);
    expect(await valuesOf(dataset, "train", 0)).toEqual([[1, 0]]);
    expect(await valuesOf(dataset, "heldOut")).toHaveLength(2);
  });

  it("keeps items apart and says what it does not have", async () => {
    const reader = await mixtureOf(all).open(noResources, 0);
    const items = Array.from({ length: 5 }, (_, i) => reader.read("train", i, new Float32Array(1), 0).item);
    expect(new Set(items).size).toBe(5);
    expect(() => reader.read("train", 5, new Float32Array(1), 0)).toThrow("does not exist in the mixture");
  });

  it("shows samples of paired data sets in their other classes", async () => {
    const paired: DatasetValue = {
      ...drawings,
      paired: true,
      open: async (...args) => ({
        ...(await drawings.open(...args)),
        readItem: (item, classIndex, out, offset) => out.set([100 * item + classIndex], offset),
      }),
    };
    const reader = await mixtureOf([paired, photos]).open(noResources, 0);
    const out = new Float32Array(1);
    expect(reader.readVariant?.("train", 2, (total) => total - 1, out, 0)).toBe(true);
    expect(out[0]).toBe(201);
    expect(reader.readVariant?.("train", 3, () => 0, out, 0)).toBe(false);
  });

  it("refuses another shape, naming both data sets", () => {
    const points = { ...datasetOf([], { sampleShape: [2] }), title: "Points" };
    expect(() => mixtureOf([drawings, points])).toThrow('"Drawings" has samples [1], "Points" [2]');
  });
});
