import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { checkAtlas, photoKinds, photoManifest, photos } from "./photoSet";
import { photosNode } from "./photos";

const atlas = readFileSync(new URL(`./panoramas/${photoManifest.atlas.file}`, import.meta.url));
const resources: Resources = {
  ...noResources,
  async image(path) {
    expect(path).toBe("data/panoramas/photos-64.webp");
    const { data, info } = await sharp(atlas).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};
const datasetOf = (size: 32 | 64) =>
  (emit(photosNode, contextOf(newStage(1)), {}, { size }) as { dataset: DatasetValue }).dataset;

describe("the photographs", () => {
  it("are the file that the manifest describes", () => {
    const { bytes, sha256 } = photoManifest.atlas;
    expect(atlas.length).toBe(bytes);
    expect(createHash("sha256").update(atlas).digest("hex")).toBe(sha256);
    expect(photos).toHaveLength(648);
  });

  it("show every kind in training, and hold out whole panoramas only", () => {
    const kinds = (heldOut: boolean) =>
      new Set(photos.filter(({ isHeldOut }) => isHeldOut === heldOut).map(({ contentIndex }) => contentIndex));
    expect(kinds(false).size).toBe(photoKinds.length);
    expect(kinds(true).size).toBeGreaterThan(2);
    expect(photos.filter(({ isHeldOut }) => isHeldOut)).toHaveLength(4 * photoManifest.crops);
  });
});

describe("data/photos", () => {
  it("reads crops with their kind; 32 px is the average of 64 px", async () => {
    const [small, large] = [datasetOf(32), datasetOf(64)];
    expect(small).toMatchObject({ sampleShape: [3, 32, 32], classes: [], contents: photoKinds, trainCount: 504 });
    const [a, b] = [await small.open(resources, 0), await large.open(resources, 0)];
    expect([a.count("train"), a.count("heldOut")]).toEqual([504, 144]);
    const [coarse, fine] = [new Float32Array(3072), new Float32Array(12288)];
    const labels = a.read("train", 100, coarse, 0);
    expect(b.read("train", 100, fine, 0)).toEqual(labels);
    expect(labels).toMatchObject({
      class: -1,
      content: photos.filter(({ isHeldOut }) => !isHeldOut)[100]?.contentIndex,
    });
    const four = [0, 1, 64, 65].map((i) => fine[2 * 64 * 4 + 2 * 5 + i] as number);
    expect(coarse[32 * 4 + 5]).toBeCloseTo(four.reduce((sum, value) => sum + value, 0) / 4, 5);
  });

  it("refuses another picture in the atlas's place", () => {
    expect(() => checkAtlas({ width: 10, height: 10, data: new Uint8Array(300) })).toThrow(
      "should be 1728x1536 pixels",
    );
  });
});
