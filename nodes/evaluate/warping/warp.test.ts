import { describe, expect, it } from "vitest";
import { errorAlong } from "./clipError";
import { type Flow, pairError, sampleAt, visible } from "./warp";

const flowOf = (width: number, height: number, at: (x: number, y: number) => readonly [number, number]): Flow => {
  const pixels = Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)));
  return { width, height, x: Float32Array.from(pixels, ([x]) => x), y: Float32Array.from(pixels, ([, y]) => y) };
};
const everywhere = (flow: Flow) => new Uint8Array(flow.width * flow.height).fill(1);

describe("sampleAt", () => {
  it("is linear between pixel centres, and nothing outside", () => {
    const plane = Float32Array.of(0, 1, 2, 3);
    expect(sampleAt(plane, 2, 2, 0.5, 0.25)).toBeCloseTo(0.5 + 2 * 0.25, 6);
    expect(sampleAt(plane, 2, 2, 1, 1)).toBe(3);
    expect(sampleAt(plane, 2, 2, 1.2, 0)).toBeNull();
    expect(sampleAt(plane, 2, 2, 0, -0.5)).toBeNull();
  });
});

describe("pairError", () => {
  it("by hand: a row moved by one pixel, and a flow that is half a pixel too short", () => {
    const now = Float32Array.of(0, 0, 1, 0, 0);
    const next = Float32Array.of(0, 0, 0, 1, 0);
    const along = (dx: number) => {
      const flow = flowOf(5, 1, () => [dx, 0]);
      return pairError(now, next, flow, everywhere(flow));
    };
    expect(along(1)).toBe(0);
    // Without the flow two of five pixels differ by 1; half-way, next is (0, 0, 0.5, 0.5) at the four pixels still inside.
    expect(along(0)).toBeCloseTo(2 / 5, 6);
    expect(along(0.5)).toBeCloseTo((0.5 ** 2 + 0.5 ** 2) / 4, 6);
  });

  it("counts only what is seen, over all channels, and is 0 where nothing is", () => {
    const flow = flowOf(2, 1, () => [0, 0]);
    const now = Float32Array.of(0, 0, 0, 0);
    const next = Float32Array.of(1, 0, 0, 0);
    expect(pairError(now, next, flow, [1, 1])).toBeCloseTo(1 / 4, 6);
    expect(pairError(now, next, flow, [1, 0])).toBeCloseTo(1 / 2, 6);
    expect(pairError(now, next, flow, [0, 0])).toBe(0);
  });
});

describe("visible", () => {
  const still = flowOf(8, 8, () => [0, 0]);
  const right = flowOf(8, 8, () => [2, 0]);
  const left = flowOf(8, 8, () => [-2, 0]);

  it("loses what leaves the frame, and nothing else of an even motion", () => {
    const seen = visible(right, left);
    expect([...seen.subarray(0, 8)]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
  });

  it("loses what the way back does not confirm: |F + B|^2 over 0.01 (|F|^2 + |B|^2) + 0.5", () => {
    expect(visible(right, still).some((value) => value === 1)).toBe(false);
    // 0.7^2 = 0.49 is still within 0.5.
    const short = flowOf(8, 8, () => [0.7, 0]);
    expect(visible(short, still)[0]).toBe(1);
    expect(
      visible(
        flowOf(8, 8, () => [0.75, 0]),
        still,
      )[0],
    ).toBe(0);
  });

  it("loses motion boundaries", () => {
    const torn = flowOf(8, 8, (x) => [x < 4 ? 0 : 0.3, 0]);
    const back = flowOf(8, 8, (x) => [x < 4 ? 0 : -0.3, 0]);
    expect([...visible(torn, back).subarray(0, 8)]).toEqual([1, 1, 1, 0, 1, 1, 1, 0]);
  });
});

it("a clip that flickers by +-a has the error (2 a)^2, whatever its motion", () => {
  const [frames, side, a] = [4, 6, 0.05];
  const plane = side * side;
  const values = Float32Array.from({ length: frames * plane }, (_, i) => {
    const [frame, x] = [Math.floor(i / plane), i % side];
    return 0.5 + 0.04 * (x - 0.5 * frame) + (frame % 2 === 0 ? a : -a);
  });
  const known = new Float32Array((frames - 1) * 3 * plane);
  for (let f = 0; f + 1 < frames; f++) {
    known.fill(0.5, 3 * f * plane, (3 * f + 1) * plane);
    for (let i = 0; i < plane; i++) known[(3 * f + 2) * plane + i] = (i % side) + 0.5 <= side - 1 ? 1 : 0;
  }
  expect(errorAlong({ frames, height: side, width: side, values }, known)).toBeCloseTo((2 * a) ** 2, 6);
});
