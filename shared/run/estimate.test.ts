import { describe, expect, it } from "vitest";
import { estimateOf, meanInterval, tQuantile } from "./estimate";

describe("tQuantile", () => {
  it("is Student's t (SciPy 1.10: stats.t.ppf(0.975, n))", () => {
    const expected = {
      1: 12.7062047,
      2: 4.30265273,
      3: 3.18244631,
      4: 2.77644511,
      7: 2.36462425,
      15: 2.13144955,
      63: 1.99834054,
    };
    for (const [degrees, value] of Object.entries(expected))
      expect(Math.abs(tQuantile(Number(degrees)) / value - 1), degrees).toBeLessThan(2e-3);
  });
});

describe("meanInterval", () => {
  it("is Student's, also of values that are all 0 or 1", () => {
    // 1, 2, 3: sd 1, t(2) = 4.303, so 4.303 / sqrt(3).
    const interval = meanInterval([1, 2, 3]);
    expect(interval).toMatchObject({ mean: 2, n: 3 });
    expect(interval.high - 2).toBeCloseTo(2.4843, 3);
    expect(meanInterval([1, 1, 1])).toEqual({ mean: 1, low: 1, high: 1, n: 3 });
    expect(meanInterval([5])).toEqual({ mean: 5, low: 5, high: 5, n: 1 });
    expect(meanInterval([]).mean).toBeNaN();
  });
});

describe("estimateOf", () => {
  it("is the mean with Student's interval", () => {
    // SciPy: stats.t.interval(0.95, 4, loc=mean, scale=stats.sem([1, 2, 3, 4, 10]))
    const estimate = estimateOf([1, 2, 3, 4, 10]);
    expect(estimate).toMatchObject({ mean: 4, n: 5 });
    expect(estimate?.low).toBeCloseTo(-0.3894, 2);
    expect(estimate?.high).toBeCloseTo(8.3894, 2);
  });

  it("is Wilson's interval for shares, never of no width", () => {
    // SciPy: binomtest(8, 10).proportion_ci(method="wilson"), and (10, 10).
    const share = estimateOf([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    expect(share?.mean).toBeCloseTo(0.8, 12);
    expect(share?.low).toBeCloseTo(0.4901625, 6);
    expect(share?.high).toBeCloseTo(0.9433178, 6);
    const all = estimateOf(Array(10).fill(1));
    expect(all?.low).toBeCloseTo(0.7224672, 6);
    expect(all?.high).toBeCloseTo(1, 12);
  });

  it("leaves out what is not finite", () => {
    expect(estimateOf([2, Number.NaN, 2.5, Number.POSITIVE_INFINITY])).toMatchObject({ mean: 2.25, n: 2 });
    expect(estimateOf([Number.NaN])).toBeNull();
  });
});
