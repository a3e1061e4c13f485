import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alphasCumprodOf, BETA_CURVES, betasOf, rescaleZeroTerminalSnr, timestepOfNode } from "./tables";

const stableDiffusion = alphasCumprodOf(
  betasOf({ curve: "scaled_linear", timesteps: 1000, betaStart: 0.00085, betaEnd: 0.012 }),
);

describe("schedule tables (methods Appendix A.1)", () => {
  it.each([
    [0, 0.99914998],
    [19, 0.98224396],
    [39, 0.96289492],
    [99, 0.89546245],
    [199, 0.75523806],
    [249, 0.67543209],
    [379, 0.45850912],
    [399, 0.42608613],
    [499, 0.27766943],
    [599, 0.16175239],
    [739, 0.06131751],
    [749, 0.05662345],
    [759, 0.05221289],
    [779, 0.04420041],
    [979, 0.00591277],
    [999, 0.0046601],
  ])("scaled-linear abar at %i", (t, expected) => {
    expect(Math.abs((stableDiffusion[t] as number) - expected)).toBeLessThan(6e-9 + expected * 6e-8);
  });

  it("has the published noise-to-signal ratios", () => {
    const ratio = (t: number) => Math.sqrt((1 - stableDiffusion[t]!) / stableDiffusion[t]!);
    expect(ratio(0)).toBeCloseTo(0.0291675, 6);
    expect(ratio(999)).toBeCloseTo(14.6146, 4);
  });

  it("matches the linear schedule of DDPM", () => {
    const table = alphasCumprodOf(betasOf({ curve: "linear", timesteps: 1000, betaStart: 1e-4, betaEnd: 0.02 }));
    for (const [t, expected] of [
      [0, 0.99989998],
      [100, 0.89514136],
      [500, 0.07779666],
      [900, 0.00027024],
      [999, 4.03583e-5],
    ] as const) {
      expect(Math.abs(table[t]! - expected)).toBeLessThan(7e-9 + expected * 1e-7);
    }
  });

  it("rescales to zero terminal SNR", () => {
    const table = rescaleZeroTerminalSnr(stableDiffusion);
    expect(table[0]).toBeCloseTo(0.99915, 6);
    expect(table[250]).toBeCloseTo(0.652457, 6);
    expect(table[500]).toBeCloseTo(0.241019, 6);
    expect(table[750]).toBeCloseTo(0.032799, 6);
    expect(table[998]! / 1.9679e-7).toBeCloseTo(1, 3);
    expect(table[999]).toBe(0);
  });

  it("falls strictly for every curve and length", () => {
    fc.assert(
      fc.property(fc.constantFrom(...BETA_CURVES), fc.integer({ min: 2, max: 1200 }), (curve, timesteps) => {
        const table = alphasCumprodOf(betasOf({ curve, timesteps, betaStart: 0.00085, betaEnd: 0.012 }));
        for (let t = 1; t < timesteps; t++) if (!(table[t]! < table[t - 1]!)) return false;
        return table[0]! < 1 && table[timesteps - 1]! > 0;
      }),
      { numRuns: 40 },
    );
  });

  it("numbers the solver grid as methods 2.8", () => {
    const timesteps = [0, 1, 2, 10, 19, 20, 37, 38, 39, 49, 50].map((node) => timestepOfNode(node, 1000, 50));
    expect(timesteps).toEqual([0, 19, 39, 199, 379, 399, 739, 759, 779, 979, 999]);
  });
});
