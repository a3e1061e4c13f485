import type { DatasetValue } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { datasetOf } from "../testing/dataset";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { FILTER_IDS, FILTERS } from "./filters";
import { paint } from "./filters/paint";
import { painterly } from "./painterly";

const SIZE = 16;
/** A bright disc, left of the middle, on a dark ground that grows lighter downwards. */
const disc = Array.from({ length: 3 * SIZE * SIZE }, (_, i) => {
  const [channel, y, x] = [Math.floor(i / SIZE ** 2), Math.floor(i / SIZE) % SIZE, i % SIZE];
  return Math.hypot(x - 5, y - 7) < 4 ? [0.9, 0.5, -0.6][channel]! : -0.8 + 0.05 * y;
});
const base = datasetOf(
  [
    { values: disc, classIndex: -1, split: "train" },
    { values: disc.map((value) => -value), classIndex: -1, split: "train" },
    { values: disc.map((value) => value / 2), classIndex: -1, split: "heldOut" },
  ],
  { sampleShape: [3, SIZE, SIZE], trainCount: 2 },
);
const paintedOf = (params: Record<string, unknown> = {}, dataset: DatasetValue = base) =>
  (emit(painterly, contextOf(newStage(1)), { dataset }, params) as { dataset: DatasetValue }).dataset;

describe("data/painterly", () => {
  it("has a class per technique, without the unseen ones", () => {
    const { classes, paired, trainCount } = paintedOf();
    expect(classes).toEqual([
      "Original",
      "Oil",
      "Pencil",
      "Ukiyo-e",
      "Neon",
      "Watercolour",
      "Pixel art",
      "Pointillism",
    ]);
    expect({ paired, trainCount }).toEqual({ paired: true, trainCount: 16 });
  });

  it("keeps the split, and gives any item in any technique", async () => {
    const reader = await paintedOf({ filters: ["original", "comic"] }).open(noResources, 0);
    expect([reader.count("train"), reader.count("heldOut"), reader.count("train", 1)]).toEqual([4, 2, 2]);
    const [seen, again] = [new Float32Array(768), new Float32Array(768)];
    const labels = reader.read("train", 1, seen, 0, 1);
    expect(labels).toEqual({ class: 1, content: -1, item: 1 });
    reader.readItem?.(1, 1, again, 0);
    expect(again).toEqual(seen);
    reader.readItem?.(1, 0, again, 0);
    expect([...again]).toEqual(disc.map((value) => Math.fround(-value)));
    expect(reader.read("heldOut", 0, seen, 0, 0).item).toBe(2);
    expect(() => reader.readItem?.(0, 2, again, 0)).toThrow("no technique number 2");
  });

  it("refuses what is no square RGB picture, and a technique chosen twice", () => {
    const points = datasetOf([], { sampleShape: [2] });
    expect(() => paintedOf({}, points)).toThrow(expect.objectContaining({ socket: "dataset" }));
    expect(() => paintedOf({ filters: ["oil", "oil"] })).toThrow("chosen twice");
  });
});

describe("filters", () => {
  const picture = Float32Array.from(disc);
  const brightness = (bytes: Uint8Array, inside: boolean) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < bytes.length; i++) {
      const [y, x] = [Math.floor(i / SIZE) % SIZE, i % SIZE];
      if (Math.hypot(x - 5, y - 7) < 3 !== inside) continue;
      sum += bytes[i]!;
      count++;
    }
    return sum / count;
  };

  it.each(FILTER_IDS.filter((id) => id !== "original"))("%s paints, alike each time, and moves nothing", (id) => {
    const painted = paint(picture, id);
    expect(painted).toEqual(paint(picture, id));
    const original = Uint8Array.from(picture, (value) => Math.round((value + 1) * 127.5));
    const change = painted.reduce((sum, value, i) => sum + Math.abs(value - original[i]!), 0) / painted.length;
    expect(change).toBeGreaterThan(4);
    // The disc stays where it is: brighter than its surroundings, except where light is left out by the technique.
    if (id !== "neon") expect(brightness(painted, true)).toBeGreaterThan(brightness(painted, false) + 20);
  });

  it("neon is dark but at the contour", () => {
    const painted = paint(picture, "neon");
    const at = (x: number, y: number) => Math.max(...[0, 1, 2].map((c) => painted[(c * SIZE + y) * SIZE + x]!));
    expect(at(9, 7)).toBeGreaterThan(3 * at(14, 2));
  });

  it("pencil is grey, chalk lies on a board", () => {
    const white = new Float32Array(768).fill(1);
    expect(Math.min(...paint(white, "pencil"))).toBeGreaterThan(220);
    expect(Math.max(...paint(white, "chalk"))).toBeLessThan(80);
    expect(Object.keys(FILTERS)).toEqual([...FILTER_IDS]);
  });
});
