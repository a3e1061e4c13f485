import { readFile } from "node:fs/promises";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { chooseContents, emoji } from "./emoji";
import { emojiContents } from "./emojiSet";

const asked: string[] = [];
const resources: Resources = {
  ...noResources,
  async image(path) {
    asked.push(path);
    const { data, info } = await sharp(await readFile(new URL(`../${path}`, import.meta.url)))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};
const datasetOf = (params: Record<string, unknown>) =>
  (emit(emoji, contextOf(newStage(1)), {}, params) as { dataset: DatasetValue }).dataset;

describe("data/emoji", () => {
  it("reads every style of one emoji, and never a held-out one in training", async () => {
    const dataset = datasetOf({ styles: ["twemoji", "fluent-3d"], limit: 100 });
    expect(dataset).toMatchObject({ sampleShape: [3, 32, 32], classes: ["Twemoji", "Fluent 3D"] });
    const reader = await dataset.open(resources, 0);
    const [train, heldOut] = [reader.count("train"), reader.count("heldOut")];
    expect(dataset.trainCount).toBe(train);
    expect(reader.count("train", 0)).toBe(train / 2);
    expect(reader.count("all")).toBe(train + heldOut);
    expect(heldOut / (train + heldOut)).toBeCloseTo(0.15, 1);
    const read = (split: "train" | "heldOut", i: number) => {
      const out = new Float32Array(3072);
      reader.read(split, i, out, 0, 1);
      return out.join();
    };
    const trained = new Set(Array.from({ length: train / 2 }, (_, i) => read("train", i)));
    expect(trained.size).toBe(train / 2);
    for (let i = 0; i < heldOut / 2; i++) expect(trained.has(read("heldOut", i))).toBe(false);
    const out = new Float32Array(3072 + 1);
    expect(reader.read("train", 3, out, 1).class).toBe(1);
    expect(out[0]).toBe(0);
    expect(Math.max(...out)).toBeLessThanOrEqual(1);
    expect(Math.min(...out)).toBeGreaterThanOrEqual(-1);
    expect(() => reader.read("train", train, out, 0)).toThrow(RangeError);
  });

  it("touches the share-alike pack only when it is chosen", async () => {
    asked.length = 0;
    expect(datasetOf({}).classes).toHaveLength(6);
    await datasetOf({}).open(resources, 0);
    expect(asked.some((path) => path.includes("openmoji"))).toBe(false);
    await datasetOf({ styles: ["openmoji"] }).open(resources, 0);
    expect(asked.at(-1)).toBe("data/emoji-openmoji/openmoji-32.webp");
  });

  it("knows the group of every subgroup", () => {
    const { contents = [], groups } = datasetOf({});
    expect(groups?.names).toHaveLength(6);
    expect(groups?.ofContent).toHaveLength(contents.length);
    const groupOf = (name: string) => groups?.names[groups.ofContent[contents.indexOf(name)] ?? -1];
    expect(["animal-mammal", "food-fruit", "transport-ground"].map(groupOf)).toEqual([
      "animals-nature",
      "food-drink",
      "travel-places",
    ]);
    for (const { group, subgroup } of emojiContents) expect(groupOf(subgroup)).toBe(group);
  });

  it("filters by group", () => {
    const chosen = chooseContents(["food-drink"], 0);
    expect(chosen.length).toBeGreaterThan(50);
    expect(chosen.every((i) => emojiContents[i]?.group === "food-drink")).toBe(true);
  });
});
