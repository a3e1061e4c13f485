import { describe, expect, it } from "vitest";
import { roundHalfEven } from "../schedule/levels";
import { noiseRatios, ratioAt, timestepAt } from "../schedule/ratios";
import { stableDiffusion } from "../testing/stage";
import { type Counting, exponentialSigmas, karrasSigmas, type Spacing, spacedTimesteps } from "./spacing";

const spaced = (spacing: Spacing, counting: Counting, steps: number, offset = 0) =>
  spacedTimesteps({ spacing, counting, timesteps: 1000, steps, offset });

describe("timestep spacing (methods 1.8)", () => {
  it.each([
    ["linspace", "whole", 4, 0, [999, 666, 333, 0]],
    ["linspace", "real", 4, 0, [999, 666, 333, 0]],
    ["leading", "whole", 4, 0, [750, 500, 250, 0]],
    ["leading", "whole", 4, 1, [751, 501, 251, 1]],
    ["trailing", "whole", 4, 0, [999, 749, 499, 249]],
    ["trailing", "multistep", 4, 0, [999, 749, 499, 249]],
    ["linspace", "multistep", 10, 0, [999, 899, 799, 699, 599, 500, 400, 300, 200, 100]],
    ["leading", "multistep", 4, 1, [801, 601, 401, 201]],
    ["linspace", "whole", 5, 0, [999, 749, 500, 250, 0]],
  ] as const)("%s, %s, %i steps, offset %i", (spacing, counting, steps, offset, expected) => {
    expect(spaced(spacing, counting, steps, offset)).toEqual(expected);
  });

  it("leaves real-valued times unrounded", () => {
    expect(spaced("linspace", "real", 5)).toEqual([999, 749.25, 499.5, 249.75, 0]);
  });

  it("rounds halves to the even number", () => {
    expect([0.5, 1.5, 2.5, 499.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 500, 2, 3]);
  });
});

describe("noise levels (methods 1.4)", () => {
  const ratios = noiseRatios(stableDiffusion());

  it("follows Karras' curve between the ends of the Stable Diffusion schedule (methods A.1)", () => {
    const sigmas = karrasSigmas(ratios.at(-1)!, ratios[0]!, 10);
    [14.6146, 9.1029, 5.4784, 3.1686, 1.7494, 0.9141, 0.4469, 0.2014, 0.0819, 0.0292].forEach((expected, j) => {
      expect(Math.abs(sigmas[j]! - expected)).toBeLessThan(6e-5);
    });
  });

  it("spaces exponentially in equal ratios", () => {
    const sigmas = exponentialSigmas(16, 1, 5);
    [16, 8, 4, 2, 1].forEach((expected, j) => {
      expect(sigmas[j]).toBeCloseTo(expected, 10);
    });
    expect(exponentialSigmas(16, 1, 1)[0]).toBeCloseTo(16, 10);
  });

  it("finds times of noise levels: exact on whole timesteps, in ln sigma between them, cut at the ends", () => {
    for (const t of [0, 1, 499, 998, 999]) expect(timestepAt(ratios[t]!, ratios)).toBeCloseTo(t, 8);
    expect(timestepAt(Math.sqrt(ratios[500]! * ratios[501]!), ratios)).toBeCloseTo(500.5, 8);
    expect(ratioAt(500.5, ratios)).toBeCloseTo((ratios[500]! + ratios[501]!) / 2, 10);
    expect([timestepAt(100, ratios), timestepAt(1e-4, ratios)]).toEqual([999, 0]);
  });
});
