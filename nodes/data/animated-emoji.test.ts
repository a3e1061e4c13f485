import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { animatedEmoji } from "./animated-emoji";
import { animatedContents, animatedManifest } from "./clips/animatedSet";
import { emoji } from "./emoji";
import { emojiContents } from "./emojiSet";

const file = new URL(`./animated/${animatedManifest.atlas.file}`, import.meta.url);
const resources: Resources = {
  ...noResources,
  async image() {
    const { data, info } = await sharp(await readFile(file))
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};
const datasetOf = (node: Parameters<typeof emit>[0], params: Readonly<Record<string, unknown>>) =>
  emit(node, contextOf(newStage(1)), {}, params).dataset as DatasetValue;

describe("data/animated-emoji", () => {
  it("is the file that the manifest describes, of emoji that the still sets have", async () => {
    expect(
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    ).toBe(animatedManifest.atlas.sha256);
    expect(animatedContents.every((content) => content >= 0)).toBe(true);
    expect(new Set(animatedContents).size).toBe(animatedManifest.clips.length);
  });

  it("carries the labels of Emoji styles, so that their networks take it", () => {
    const still = datasetOf(emoji, {});
    const clips = datasetOf(animatedEmoji, {});
    expect(clips.classes).toEqual(still.classes);
    expect(clips.contents).toEqual(still.contents);
    expect(clips.sampleShape).toEqual([8, 3, 32, 32]);
  });

  it.each([
    [8, 1, 2],
    [8, 2, 1],
    [16, 1, 1],
    [5, 1, 3],
    [16, 8, 1],
  ])("%i frames at interval %i: %i clips of every animation, all of them moving", async (frames, interval, windows) => {
    const dataset = datasetOf(animatedEmoji, { frames, interval });
    const reader = await dataset.open(resources, 0);
    expect(reader.count("all")).toBe(animatedContents.length * windows);
    expect(reader.count("train")).toBe(dataset.trainCount);
    const size = 3 * 32 * 32;
    const clip = new Float32Array(frames * size);
    const labels = reader.read("all", 0, clip, 0);
    expect(labels.class).toBe(dataset.classes.indexOf("Fluent 3D"));
    expect(dataset.contents?.[labels.content]).toBe(emojiContents[animatedContents[0] as number]?.subgroup);
    if (interval < 8) expect(clip.subarray(0, size)).not.toEqual(clip.subarray(size, 2 * size));
    expect(clip.every((value) => value >= -1 && value <= 1)).toBe(true);
  });

  it("holds out what the still sets hold out", async () => {
    const reader = await datasetOf(animatedEmoji, {}).open(resources, 0);
    const heldOut = animatedContents.filter((content) => emojiContents[content]?.heldOut).length;
    expect(heldOut).toBeGreaterThan(10);
    expect(reader.count("heldOut")).toBe(2 * heldOut);
  });
});
