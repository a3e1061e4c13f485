import { describe, expect, it } from "vitest";
import { Mask } from "./mask";

const picture = (mask: Mask): string[] =>
  Array.from({ length: mask.size }, (_, y) =>
    Array.from({ length: mask.size }, (_, x) => (mask.has({ x, y }) ? "#" : ".")).join(""),
  );

describe("a mask", () => {
  it("paints one cell with the smallest brush, wherever in the cell it is put down", () => {
    for (const at of [
      { x: 1, y: 2 },
      { x: 1.99, y: 2.01 },
    ])
      expect(picture(new Mask(4).stroke(at, at, 1))).toEqual(["....", "....", ".#..", "...."]);
  });
  it("paints symmetric dots with larger brushes", () => {
    const at = { x: 2.4, y: 2.4 };
    expect(picture(new Mask(5).stroke(at, at, 2))).toEqual([".....", ".##..", ".##..", ".....", "....."]);
    expect(picture(new Mask(5).stroke(at, at, 3))).toEqual([".....", ".###.", ".###.", ".###.", "....."]);
  });
  it("leaves no holes in a fast stroke", () => {
    const mask = new Mask(8).stroke({ x: 0.5, y: 3.5 }, { x: 7.5, y: 3.5 }, 1);
    expect(picture(mask)[3]).toBe("########");
    expect(mask.share).toBe(1 / 8);
  });
  it("erases, turns round, and does not change the mask it came from", () => {
    const one = new Mask(4).stroke({ x: 1, y: 1 }, { x: 1, y: 1 }, 1);
    const erased = one.stroke({ x: 1, y: 1 }, { x: 1, y: 1 }, 1, true);
    expect(erased.isEmpty).toBe(true);
    expect(one.isEmpty).toBe(false);
    expect(one.inverted().share).toBe(15 / 16);
  });
  it("is white where it is generated anew, as an opaque picture", () => {
    const at = { x: 1, y: 0 };
    expect([...new Mask(2).stroke(at, at, 1).pixels()].slice(0, 8)).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
  });
  it("may be painted over its edges", () => {
    expect(new Mask(3).stroke({ x: -5, y: 1 }, { x: 20, y: 1 }, 1).share).toBeCloseTo(1 / 3);
  });
});
