import { readFile } from "node:fs/promises";
import type { DatasetValue, ImageValue, Resources, StateValue } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { errorAlong } from "../evaluate/warping/clipError";
import { contextOf, emit, newStage, noResources, stableDiffusion } from "../testing/stage";
import { movingEmoji } from "./moving-emoji";
import { start } from "./start";

const resources: Resources = {
  ...noResources,
  async image(path) {
    const bytes = await readFile(new URL(`../${path}`, import.meta.url));
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};
const params = { styles: ["fluent-flat", "twemoji"], frames: 4, motions: 2, limit: 12 };
const made = (changes: object = {}) =>
  (emit(movingEmoji, contextOf(newStage(1)), {}, { ...params, ...changes }) as { dataset: DatasetValue }).dataset;

describe("data/moving-emoji", () => {
  it("gives clips [F, 3, H, W] with the same motion in every style, by the seed", async () => {
    const dataset = made();
    expect(dataset.sampleShape).toEqual([4, 3, 32, 32]);
    const reader = await dataset.open(resources, 1);
    const size = 4 * 3 * 32 * 32;
    expect(reader.count("train")).toBe(dataset.trainCount);
    expect(reader.count("all", 0)).toBe(24);
    const [first, other, again, flow] = [size, size, size, 3 * 3 * 1024].map((n) => new Float32Array(n));
    const labels = reader.read("train", 0, first!, 0, 0);
    reader.readItem?.(labels.item, 1, other!, 0);
    reader.readItem?.(labels.item, 0, again!, 0);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    reader.readFlow?.(labels.item, flow!, 0);
    expect(Math.hypot(flow![0]!, flow![1024]!)).toBeGreaterThan(0.1);
    // Frames differ, and every pixel is a colour.
    expect(first!.subarray(0, 3072)).not.toEqual(first!.subarray(3072, 6144));
    expect(first!.every((value) => value >= -1.0001 && value <= 1.0001)).toBe(true);
    const elsewhere = await dataset.open(resources, 2);
    elsewhere.readItem?.(labels.item, 0, again!, 0);
    expect(again).not.toEqual(first);
  });

  it("feeds a Start with clip, answer and flow; mirrored clips have no flow", async () => {
    const build = async (changes: object) => {
      const stage = newStage(2);
      const context = contextOf(stage, "start");
      const dataset = made();
      const schedule = stableDiffusion();
      const outputs = emit(start, context, { dataset, schedule }, { otherClass: true, ...changes });
      const settings = start.params.parse({ otherClass: true, ...changes });
      const feeds = Object.fromEntries(
        stage.hostInputs.map(({ name, input }) => [name, stage.graph.value(input)] as const),
      );
      const host = await start.host?.(settings, {
        seed: 1,
        batch: 2,
        resources,
        inputs: { dataset: [dataset] },
        feeds,
      });
      return { outputs, values: host?.before?.(0, (name) => randomStream(1, name, 0)) };
    };
    const { outputs, values } = await build({});
    expect((outputs.x as StateValue).x.shape).toEqual([2, 4, 3, 32, 32]);
    expect((outputs.flow as ImageValue).x.shape).toEqual([2, 3, 3, 32, 32]);
    expect(values?.flow?.data.length).toBe(2 * 3 * 3 * 1024);
    expect(values?.answer?.data).not.toEqual(values?.x0?.data);
    // The flow is that of these very clips, in either style.
    const rowOf = (name: "x0" | "answer" | "flow", row: number) => {
      const data = values?.[name]?.data as Float32Array;
      return data.subarray((row * data.length) / 2, ((row + 1) * data.length) / 2);
    };
    for (const name of ["x0", "answer"] as const) {
      for (const row of [0, 1]) {
        const clip = { frames: 4, width: 32, height: 32, values: rowOf(name, row) };
        const still = rowOf("flow", row).map((value, at) => (Math.floor(at / 1024) % 3 === 2 ? value : 0));
        expect(errorAlong(clip, rowOf("flow", row))).toBeLessThan(0.25 * errorAlong(clip, still));
      }
    }
    expect((await build({ flip: 0.5 })).outputs.flow).toBeUndefined();
  });
});
