import { drawClip } from "@distillery/nodes/data/clips/draw";
import { drawPath, writeFlow } from "@distillery/nodes/data/clips/motion";
import { errorAlong, errorAlongEstimated } from "@distillery/nodes/evaluate/warping/clipError";
import { randomStream } from "@distillery/shared/random/philox";
import { expect, it } from "vitest";
import { opticalFlow } from "./opencv";

const SIDE = 32;
const FRAMES = 4;
const PLANE = SIDE * SIDE;
const picture = {
  side: SIDE,
  around: "border" as const,
  values: Float32Array.from({ length: 3 * PLANE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor((i % PLANE) / SIDE)];
    return 0.6 * Math.sin(0.45 * x + 0.2 * y) * Math.cos(0.38 * y - 0.1 * x);
  }),
};

function moving(clip: number, speed: number) {
  const range = { reach: 6, speed, turn: 0.05, scale: [0.9, 1.1] as const, zooms: true };
  const path = drawPath(FRAMES, range, randomStream(1, "test", clip));
  const values = new Float32Array(FRAMES * 3 * PLANE);
  drawClip(picture, path, SIDE, values, 0);
  const known = new Float32Array((FRAMES - 1) * 3 * PLANE);
  writeFlow(path, SIDE, known, 0);
  return { known, clip: { frames: FRAMES, width: SIDE, height: SIDE, values: values.map((value) => (value + 1) / 2) } };
}

it("finds the motion that pictures were drawn with, to a fraction of a pixel", async () => {
  for (let i = 0; i < 3; i++) {
    const { known, clip } = moving(i, 1.5);
    const grey = (frame: number) =>
      Uint8Array.from(clip.values.subarray(frame * 3 * PLANE, (frame * 3 + 1) * PLANE), (value) =>
        Math.round(255 * value),
      );
    const flow = await opticalFlow({ from: grey(0), to: grey(1), width: SIDE, height: SIDE });
    let [error, count] = [0, 0];
    for (let at = 0; at < PLANE; at++) {
      const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
      if (Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y) < 4) continue;
      error += Math.hypot(flow[at]! - known[at]!, flow[PLANE + at]! - known[PLANE + at]!);
      count++;
    }
    expect(error / count).toBeLessThan(0.15);
  }
});

it("gives nearly the warping error of the true motion, and far more where a clip flickers", async () => {
  const { known, clip } = moving(7, 1.5);
  const exact = errorAlong(clip, known);
  const estimated = await errorAlongEstimated(clip, clip, opticalFlow);
  expect(exact).toBeLessThan(5e-4);
  expect(estimated).toBeLessThan(5e-4);
  const flickering = {
    ...clip,
    values: clip.values.map((v, i) => v + (Math.floor(i / (3 * PLANE)) % 2 ? 0.05 : -0.05)),
  };
  // Seen along the source's motion: (2 a)^2.
  expect(await errorAlongEstimated(flickering, clip, opticalFlow)).toBeGreaterThan(0.009);
  expect(errorAlong(flickering, known)).toBeGreaterThan(0.009);
});
