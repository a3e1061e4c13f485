import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { drawClip } from "./draw";
import { drawPath, type MotionRange, type Pose, writeFlow } from "./motion";

const SIZE = 24;
const PLANE = SIZE * SIZE;
const still: Pose = { x: 0, y: 0, angle: 0, scale: 1 };

const flowOf = (path: readonly Pose[]): Float32Array => {
  const flow = new Float32Array((path.length - 1) * 3 * PLANE);
  writeFlow(path, SIZE, flow, 0);
  return flow;
};

/** A smooth picture in pixels as fine as the frame's. */
const smooth = {
  side: SIZE,
  around: "border" as const,
  values: Float32Array.from({ length: 3 * PLANE }, (_, i) => {
    const [c, y, x] = [Math.floor(i / PLANE), Math.floor((i % PLANE) / SIZE), i % SIZE];
    return 0.6 * Math.sin(0.35 * x + c) * Math.cos(0.3 * y);
  }),
};

/** Value of a plane between pixels. */
function bilinear(plane: Float32Array, x: number, y: number): number {
  const [left, top] = [Math.min(Math.floor(x), SIZE - 2), Math.min(Math.floor(y), SIZE - 2)];
  const at = (dx: number, dy: number) => plane[(top + dy) * SIZE + left + dx] as number;
  const [u, v] = [x - left, y - top];
  return (1 - v) * ((1 - u) * at(0, 0) + u * at(1, 0)) + v * ((1 - u) * at(0, 1) + u * at(1, 1));
}

describe("writeFlow", () => {
  it("is the shift itself for a translation, and marks what leaves the frame", () => {
    const flow = flowOf([still, { ...still, x: 2, y: -1 }]);
    expect(flow.subarray(0, PLANE).every((dx) => Math.abs(dx - 2) < 1e-5)).toBe(true);
    expect(flow.subarray(PLANE, 2 * PLANE).every((dy) => Math.abs(dy + 1) < 1e-5)).toBe(true);
    const visible = flow.subarray(2 * PLANE);
    for (let i = 0; i < PLANE; i++) {
      const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
      expect(visible[i]).toBe(x + 2 <= SIZE - 1 && y - 1 >= 0 ? 1 : 0);
    }
  });

  it("by hand for a quarter turn and a doubling: (x, y) from the centre goes to (-2 y, 2 x)", () => {
    const flow = flowOf([still, { ...still, angle: Math.PI / 2, scale: 2 }]);
    const centre = (SIZE - 1) / 2;
    const [column, row] = [14, 9];
    const [x, y] = [column - centre, row - centre];
    expect(flow[row * SIZE + column]).toBeCloseTo(-2 * y - x, 4);
    expect(flow[PLANE + row * SIZE + column]).toBeCloseTo(2 * x - y, 4);
  });

  it("brings the next frame back onto this one, wherever it is still seen", () => {
    const range: MotionRange = { reach: 5, speed: 2, turn: 0.12, scale: [0.7, 1.4], zooms: true };
    for (let clip = 0; clip < 5; clip++) {
      const path = drawPath(4, range, randomStream(3, "test", clip));
      const frames = new Float32Array(4 * 3 * PLANE);
      drawClip(smooth, path, SIZE, frames, 0);
      const flow = flowOf(path);
      let seen = 0;
      let [error, still] = [0, 0];
      for (let f = 0; f < 3; f++) {
        const next = frames.subarray((f + 1) * 3 * PLANE, ((f + 1) * 3 + 1) * PLANE);
        for (let i = 0; i < PLANE; i++) {
          if (flow[(3 * f + 2) * PLANE + i] === 0) continue;
          seen++;
          const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
          const now = frames[f * 3 * PLANE + i] as number;
          const u = x + (flow[3 * f * PLANE + i] as number);
          const v = y + (flow[(3 * f + 1) * PLANE + i] as number);
          error += (bilinear(next, u, v) - now) ** 2;
          still += ((next[i] as number) - now) ** 2;
        }
      }
      expect(seen).toBeGreaterThan(PLANE);
      // Interpolation alone is left; without the flow the frames differ far more.
      expect(error / seen).toBeLessThan(2e-4);
      expect(error).toBeLessThan(0.03 * still);
    }
  });
});

describe("drawPath", () => {
  it("keeps to its bounds, is the same for the same seed, and moves evenly", () => {
    const range: MotionRange = { reach: 6.4, speed: 1.5, turn: 0.1, scale: [0.6, 0.9], zooms: true };
    for (let clip = 0; clip < 50; clip++) {
      const path = drawPath(8, range, randomStream(1, "test", clip));
      expect(path).toEqual(drawPath(8, range, randomStream(1, "test", clip)));
      for (const { x, y, scale } of path) {
        expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(6.4 + 1e-9);
        expect(scale).toBeGreaterThanOrEqual(0.6 - 1e-9);
        expect(scale).toBeLessThanOrEqual(0.9 + 1e-9);
      }
      const steps = path.slice(1).map(({ x, y }, f) => Math.hypot(x - (path[f]?.x ?? 0), y - (path[f]?.y ?? 0)));
      expect(Math.max(...steps)).toBeLessThanOrEqual(1.5 + 1e-9);
      expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(1e-9);
    }
  });
});

describe("drawClip", () => {
  it("draws the picture itself where it lies still, and white beside it", () => {
    const frame = new Float32Array(3 * PLANE);
    drawClip(smooth, [still], SIZE, frame, 0);
    expect(frame.every((value, i) => Math.abs(value - (smooth.values[i] as number)) < 1e-6)).toBe(true);
    drawClip({ ...smooth, around: "white" }, [{ ...still, x: SIZE }], SIZE, frame, 0);
    expect(frame[0]).toBe(1);
    expect(frame[PLANE - SIZE]).toBe(1);
  });
});
