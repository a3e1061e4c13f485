import { describe, expect, it } from "vitest";
import { fromHalf, toHalf } from "./half";

describe("half precision", () => {
  it("takes every half there and back unchanged", () => {
    const finite = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00);
    expect(toHalf(fromHalf(finite)).every((half, i) => half === finite[i])).toBe(true);
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [-1e6, 0xfc00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [3 * 2 ** -25, 0x0002],
    [-0, 0x8000],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 / 3, 0x3555],
    [Number.NaN, 0x7e00],
  ])("rounds %s to the nearest, ties to even", (value, half) => {
    expect(toHalf(Float32Array.of(value))[0]).toBe(half);
  });
});
