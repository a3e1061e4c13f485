import { expect, test } from "vitest";
import { meanBand } from "./curves";

test("the mean of runs recorded at other steps, with their standard deviation", () => {
  const band = meanBand([
    { steps: [0, 10], values: [0, 10] },
    { steps: [0, 5, 20], values: [2, 7, 22] },
  ]);
  expect(band.x).toEqual([0, 5, 10, 20]);
  // Both rise by one a step, two apart; the first ends at 10.
  expect(band.mean).toEqual([1, 6, 11, 22]);
  const spread = band.high.map((high, i) => high - (band.mean[i] ?? 0));
  for (const [i, wanted] of [Math.SQRT2, Math.SQRT2, Math.SQRT2, 0].entries())
    expect(spread[i]).toBeCloseTo(wanted, 10);
});

test("what is not a number leaves the mean to the others", () => {
  const band = meanBand([
    { steps: [0, 1, 2], values: [1, Number.NaN, 1] },
    { steps: [0, 1, 2], values: [3, 3, 3] },
    { steps: [], values: [] },
  ]);
  expect(band.mean).toEqual([2, 3, 2]);
});
