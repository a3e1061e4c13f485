import { describe, expect, it } from "vitest";
import { COLOR_MAPS, colorTable, INF_COLOR, LEVELS, NAN_COLOR } from "./colorMap";
import { differenceOf, errorPlane, newestCommonStep } from "./difference";
import { layoutOf, planeOf, valuesAt } from "./layout";
import { paintPicture, paintPlane } from "./paintPlane";
import { finiteRange, quantile, rangeOf, sortedFinite } from "./range";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const colour = (table: Uint8Array, level: number) => [...table.slice(level * 3, level * 3 + 3)];

/** CIE lightness 0..100 of an sRGB colour. */
function lightness([r = 0, g = 0, b = 0]: readonly number[]): number {
  const linear = (byte: number) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  const y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (y * 24389) / 27;
}

describe("colour maps", () => {
  it("viridis is matplotlib's, to a few levels", () => {
    const table = colorTable("viridis");
    // matplotlib 3: viridis at 0, 0.25, 0.5, 0.75 and 1.
    const known = [
      [68, 1, 84],
      [59, 82, 139],
      [33, 145, 140],
      [94, 201, 98],
      [253, 231, 37],
    ];
    known.forEach((rgb, i) => {
      for (const [c, byte] of colour(table, Math.round((i / 4) * 255)).entries())
        expect(Math.abs(byte - rgb[c]!), `${i}/4, channel ${c}`).toBeLessThanOrEqual(6);
    });
  });
  it.each(["viridis", "grey"] as const)("%s grows evenly lighter", (name) => {
    const table = colorTable(name);
    const tones = Array.from({ length: 18 }, (_, i) => lightness(colour(table, i * 15)));
    const steps = tones.slice(1).map((tone, i) => tone - tones[i]!);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(3);
  });
  it("the signed map is lightest at zero and as dark at -1 as at 1", () => {
    const table = colorTable("balance");
    const tone = (level: number) => lightness(colour(table, level));
    for (let level = 0; level < 128; level += 8) {
      expect(Math.abs(tone(level) - tone(255 - level))).toBeLessThan(6);
      expect(tone(level + 8)).toBeGreaterThan(tone(level));
    }
    expect(colour(table, 127).every((byte) => byte > 230)).toBe(true);
  });
  it("none of them shows what a value that is no number shows", () => {
    for (const name of COLOR_MAPS)
      for (let level = 0; level < LEVELS; level++)
        for (const bad of [NAN_COLOR, INF_COLOR])
          expect(
            Math.max(...colour(colorTable(name), level).map((byte, c) => Math.abs(byte - bad[c]!))),
          ).toBeGreaterThan(24);
  });
});

describe("ranges", () => {
  it("quantiles are numpy's", () => {
    // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .9, 1])
    expect([0, 0.25, 0.5, 0.9, 1].map((q) => quantile([1, 2, 4, 8], q))).toEqual([1, 1.75, 3, expect.closeTo(6.8), 8]);
    expect(quantile([], 0.5)).toBeNaN();
  });
  it("leave out what is not finite", () => {
    expect(finiteRange([nan, 3, inf, -2, -inf])).toEqual({ low: -2, high: 3 });
    expect([...sortedFinite([nan, 3, inf, -2])]).toEqual([-2, 3]);
    expect(finiteRange([nan])).toEqual({ low: 0, high: 1 });
    expect(finiteRange([2, 2])).toEqual({ low: 1.5, high: 2.5 });
  });
  it("percentiles ignore a few outliers, signed ones lie about zero", () => {
    const values = Float32Array.from({ length: 1001 }, (_, i) => (i === 0 ? -500 : i / 1000));
    const fixed = { low: 0, high: 1 };
    expect(rangeOf(values, "auto", fixed)).toEqual({ low: -500, high: 1 });
    expect(rangeOf(values, "percentile", fixed).low).toBeCloseTo(0.01, 5);
    expect(rangeOf([-0.5, 2], "auto", fixed, true)).toEqual({ low: -2, high: 2 });
    expect(rangeOf(values, "fixed", { low: 2, high: 1 })).toEqual({ low: 2, high: 3 });
    expect(rangeOf(values, "pixels", fixed)).toEqual({ low: -1, high: 1 });
  });
});

describe("layouts", () => {
  const clip = Float32Array.from({ length: 2 * 3 * 2 * 4 }, (_, i) => i);
  it("find a channel of a frame, and all channels of a pixel", () => {
    const layout = layoutOf([2, 3, 2, 4]);
    expect(layout).toMatchObject({ kind: "image", frames: 2, channels: 3, height: 2, width: 4 });
    expect([...planeOf(clip, layout, 1, 2)]).toEqual([40, 41, 42, 43, 44, 45, 46, 47]);
    expect(valuesAt(clip, layout, 1, 3, 1)).toEqual([31, 39, 47]);
  });
  it("know points, features and single numbers", () => {
    expect(layoutOf([64, 2]).kind).toBe("points");
    expect(layoutOf([4, 128])).toMatchObject({ kind: "matrix", height: 4, width: 128 });
    expect(layoutOf([7])).toMatchObject({ height: 1, width: 7 });
    expect(layoutOf([])).toMatchObject({ height: 1, width: 1 });
  });
});

describe("painting", () => {
  it("puts the ends of the range on the ends of the map, and bad values beside it", () => {
    const table = colorTable("grey");
    const pixels = paintPlane(new Float32Array([-3, 0, 1, 9, nan, -inf]), { low: 0, high: 1 }, table);
    const at = (i: number) => [...pixels.slice(i * 4, i * 4 + 4)];
    expect(at(0)).toEqual([0, 0, 0, 255]);
    expect(at(1)).toEqual([0, 0, 0, 255]);
    expect(at(2)).toEqual([255, 255, 255, 255]);
    expect(at(3)).toEqual([255, 255, 255, 255]);
    expect(at(4)).toEqual([...NAN_COLOR, 255]);
    expect(at(5)).toEqual([...INF_COLOR, 255]);
  });
  it("shows three channels as colours, one as grey", () => {
    const layout = layoutOf([3, 1, 2]);
    const pixels = paintPicture(new Float32Array([-1, 1, 0, nan, 1, 1]), layout, 0, { low: -1, high: 1 });
    expect([...pixels]).toEqual([0, 128, 255, 255, ...NAN_COLOR, 255]);
    expect([...paintPicture(new Float32Array([0.5]), layoutOf([1, 1, 1]), 0, { low: 0, high: 1 })]).toEqual([
      128, 128, 128, 255,
    ]);
  });
});

describe("differences", () => {
  it("of known tensors", () => {
    const found = differenceOf(new Float32Array([1, 2, 5]), new Float32Array([1, 4, 2]));
    expect([...found.values]).toEqual([0, -2, 3]);
    expect(found).toMatchObject({ maxAbs: 3, isEqual: false });
    expect(found.meanAbs).toBeCloseTo(5 / 3);
    expect(found.relative).toBeCloseTo(Math.sqrt(13 / 21));
  });
  it("say whether they are equal bit for bit, and leave bad values out of the means", () => {
    const same = new Float32Array([0, nan, -1]);
    expect(differenceOf(same, same.slice())).toMatchObject({ isEqual: true, maxAbs: 0, relative: 0 });
    expect(differenceOf(new Float32Array([nan, 1]), new Float32Array([0, 0]))).toMatchObject({ maxAbs: 1, meanAbs: 1 });
  });
  it("are seen place by place, over all channels", () => {
    const layout = layoutOf([2, 1, 2]);
    expect([...errorPlane(new Float32Array([3, 0, 4, 0]), layout, 0)]).toEqual([Math.fround(Math.sqrt(12.5)), 0]);
  });
  it("are taken at a step that both have", () => {
    expect(newestCommonStep([1, 2, 3, 5], [0, 2, 3, 4])).toBe(3);
    expect(newestCommonStep([1, 2, 3], [1, 2, 3], 2)).toBe(2);
    expect(newestCommonStep([1, 3], [2, 4])).toBeUndefined();
    expect(newestCommonStep([], [1])).toBeUndefined();
  });
});
