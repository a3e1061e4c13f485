import type { Tensor } from "@distillery/shared/onnx/graph";
import { expect, it } from "vitest";
import { newStage, runStage } from "../testing/stage";
import fixture from "./fixtures/scores.json";
import { frechetDistance, frechetEstimate } from "./frechetDistance";
import { psnrOf } from "./psnr";
import { ssimOf } from "./ssim";

/** The formulas of fixtures/make_scores.py. */
const picture = (size: number, phase: number): number[] =>
  Array.from({ length: 3 * size * size }, (_, i) => {
    const [c, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    return 0.7 * Math.sin(0.9 * x + 0.3 * c + phase) + 0.4 * Math.cos(0.23 * y * (c + 1) - 2 * phase);
  });
const vectors = (count: number, width: number, phase: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) =>
    Float32Array.from(
      { length: width },
      (_value, j) => Math.sin(1.7 * i * (j + 1) + phase) + 0.3 * Math.cos(0.6 * i + j) + 0.1 * phase,
    ),
  );

async function measure(score: (a: Tensor, b: Tensor) => Tensor, size: number, a: number[], b: number[]) {
  const stage = newStage(a.length / (3 * size * size));
  const input = (name: string) => stage.graph.input(name, "float32", [stage.options.batch, 3, size, size]);
  const value = score(input("a"), input("b"));
  expect(value.shape).toEqual([stage.options.batch]);
  return (await runStage(stage, { value }, { a, b })).value;
}

it.each(fixture.pictures)(
  "PSNR and SSIM are scikit-image's, $size px, phase $phase",
  async ({ size, phase, ssim, psnr }) => {
    const [a, b] = [picture(size, phase), picture(size, phase + 0.2)];
    expect((await measure(ssimOf, size, a, b))[0]).toBeCloseTo(ssim, 5);
    expect((await measure(psnrOf, size, a, b))[0]).toBeCloseTo(psnr, 4);
  },
);

it("scores every picture by itself; equal ones are at the end of the scale", async () => {
  const [a, b] = [picture(16, 0), picture(16, 0.7)];
  const ssim = await measure(ssimOf, 16, [...a, ...a], [...b, ...a]);
  expect(ssim[0]).toBeLessThan(0.9);
  expect(ssim[1]).toBeCloseTo(1, 6);
  expect((await measure(psnrOf, 16, [...a, ...a], [...b, ...a]))[1]).toBeCloseTo(100, 4);
});

it.each(fixture.sets)(
  "the Fréchet distance is NumPy's, $first and $second rows of $width",
  ({ first, second, width, fd }) => {
    expect(frechetDistance(vectors(first, width, 0), vectors(second, width, 0.9)) / fd).toBeCloseTo(1, 5);
  },
);

it("the Fréchet distance of normal sets is in the jackknife's interval, and none of what is not finite", () => {
  const rows = vectors(200, 3, 0);
  const moved = rows.map((row) => row.map((value, i) => (i === 0 ? value + 2 : value)));
  const estimate = frechetEstimate(rows, moved);
  expect(estimate?.mean).toBeCloseTo(4, 4);
  expect(estimate?.low).toBeGreaterThan(3.5);
  expect(frechetEstimate(rows, [...moved.slice(1), Float32Array.of(Number.NaN, 0, 0)])).toBeNull();
});
