import { describe, expect, it } from "vitest";
import { philox4x32, randomStream } from "./philox";

const block = (counter: [number, number, number, number], key: [number, number]) => {
  const out = new Uint32Array(4);
  philox4x32(counter, key, out);
  return [...out].map((word) => word.toString(16).padStart(8, "0")).join(" ");
};

describe("philox4x32-10", () => {
  it("gives the published known answers (Random123 kat_vectors)", () => {
    expect(block([0, 0, 0, 0], [0, 0])).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    const ones = 0xffffffff;
    expect(block([ones, ones, ones, ones], [ones, ones])).toBe("408f276d 41c83b0e a20bc7c6 6d5451fd");
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    );
  });
});

describe("randomStream", () => {
  it("repeats itself for the same address and differs for any other", () => {
    const draw = (seed: number, stream: string, step: number) => {
      const random = randomStream(seed, stream, step);
      return Array.from({ length: 8 }, () => random.uniform());
    };
    expect(draw(1, "a", 5)).toEqual(draw(1, "a", 5));
    for (const other of [draw(2, "a", 5), draw(1, "b", 5), draw(1, "a", 6)]) expect(other).not.toEqual(draw(1, "a", 5));
  });

  it("draws normals with the right moments", () => {
    const random = randomStream(3, "normal", 0);
    const n = 40_000;
    const xs = Array.from({ length: n }, () => random.normal());
    const moment = (k: number) => xs.reduce((sum, x) => sum + x ** k, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(0.02);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2);
  });
});
