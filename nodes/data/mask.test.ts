import type { ImageValue } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { datasetOf } from "../testing/dataset";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import { mask } from "./mask";
import { drawMask, MASK_SHAPES } from "./maskShapes";

const size = { height: 32, width: 32 };
const pictures = datasetOf([], { sampleShape: [3, 32, 32] });
const shareOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pixels that can be reached from the first one inside. */
function connected(values: Float32Array): number {
  const waiting = [values.indexOf(1)];
  const seen = new Set(waiting);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const neighbours = [at - 32, at + 32, ...(at % 32 > 0 ? [at - 1] : []), ...(at % 32 < 31 ? [at + 1] : [])];
    for (const next of neighbours) {
      if (values[next] !== 1 || seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  return seen.size;
}

describe("shapes", () => {
  it.each(MASK_SHAPES)("%s covers about the share asked for, in one piece, and differs from draw to draw", (shape) => {
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const share = 0.1 + 0.02 * i;
      const values = drawMask(shape, size, share, randomStream(1, shape, i));
      expect(new Set(values)).toEqual(new Set([0, 1]));
      // A stroke ends with a whole disc; the sides of a rectangle are rounded.
      expect(shareOf(values) - share).toBeGreaterThan(-0.05);
      expect(shareOf(values) - share).toBeLessThan(shape === "blob" ? 0.13 : 0.05);
      expect(connected(values)).toBe(values.filter((value) => value === 1).length);
      seen.add(values.join(""));
    }
    expect(seen.size).toBe(40);
  });
});

describe("data/mask", () => {
  const host = async (params: Record<string, unknown>) => {
    const given = z.record(z.string(), z.unknown()).parse(mask.params.parse(params));
    return mask.host!(given, { seed: 1, batch: 4, resources: noResources, inputs: { dataset: [pictures] }, feeds: {} });
  };
  const draw = async (params: Record<string, unknown>, step = 0) =>
    (await host(params)).before!(step, (stream) => randomStream(1, `mask.${stream}`, step)).mask!;

  it("draws one region per sample from the step's stream", async () => {
    const first = await draw({});
    expect(first.shape).toEqual([4, 1, 32, 32]);
    expect(await draw({})).toEqual(first);
    expect(await draw({}, 1)).not.toEqual(first);
    const rows = [0, 1, 2, 3].map((row) => first.data.slice(row * 1024, (row + 1) * 1024).join(""));
    expect(new Set(rows).size).toBe(4);
  });

  it("gives the fixed rectangle in every step", async () => {
    const fixed = { shapes: ["fixed"], left: 0, top: 0.5, width: 0.25, height: 0.5 };
    const { data } = await draw(fixed);
    expect(await draw(fixed, 7)).toEqual(await draw(fixed));
    const inside = Array.from({ length: 1024 }, (_, i) => (i % 32 < 8 && i >= 512 ? 1 : 0));
    expect(Array.from(data.slice(0, 1024), Number)).toEqual(inside);
  });

  it("has one channel of the data set's size, and refuses what is no picture", () => {
    const { mask: value } = emit(mask, contextOf(newStage(4)), { dataset: pictures });
    expect((value as ImageValue).x.shape).toEqual([4, 1, 32, 32]);
    const points = datasetOf([], { sampleShape: [2] });
    expect(() => emit(mask, contextOf(newStage(4)), { dataset: points })).toThrow(/for pictures.*\[2\]/);
    expect(() => emit(mask, contextOf(newStage(4)), { dataset: pictures }, { smallest: 0.9, largest: 0.1 })).toThrow(
      /smallest share 0.9 is above/,
    );
  });
});
