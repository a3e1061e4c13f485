import { readFile } from "node:fs/promises";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import sharp from "sharp";
import { expect, it } from "vitest";
import { errorAlong } from "../evaluate/warping/clipError";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { photoPans } from "./photo-pans";

const resources: Resources = {
  ...noResources,
  async image(path) {
    const bytes = await readFile(new URL(`../${path}`, import.meta.url));
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};

it("moves a camera over photographs; along the known flow little is left of the difference of frames", async () => {
  const frames = 5;
  const { dataset } = emit(photoPans, contextOf(newStage(1)), {}, { frames }) as { dataset: DatasetValue };
  expect(dataset.sampleShape).toEqual([frames, 3, 32, 32]);
  const reader = await dataset.open(resources, 3);
  expect(reader.count("train")).toBe(dataset.trainCount);
  expect(reader.count("heldOut")).toBeGreaterThan(0);
  const random = randomStream(1, "test", 0);
  let [along, still] = [0, 0];
  for (let i = 0; i < 12; i++) {
    const values = new Float32Array(frames * 3 * 1024);
    const flow = new Float32Array((frames - 1) * 3 * 1024);
    const { item } = reader.read("train", random.integer(reader.count("train")), values, 0);
    reader.readFlow?.(item, flow, 0);
    const clip = { frames, width: 32, height: 32, values };
    along += errorAlong(clip, flow);
    still += errorAlong(
      clip,
      flow.map((value, at) => (Math.floor(at / 1024) % 3 === 2 ? value : 0)),
    );
  }
  expect(along).toBeGreaterThan(0);
  expect(along).toBeLessThan(0.15 * still);
});
