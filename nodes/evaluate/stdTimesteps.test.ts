import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evenNodes, stdNodes } from "./gridNodes";
import { gridTimesteps, requestedSteps, stdTimesteps } from "./stdTimesteps";

describe("STD inference timesteps (methods 4.8)", () => {
  it.each([
    [0.65, 8, 13, [619, 539, 479, 399, 319, 239, 159, 79]],
    [0.65, 6, 10, [599, 499, 399, 299, 199, 99]],
    [0.65, 4, 7, [579, 439, 299, 159]],
    [0.75, 8, 11, [739, 639, 559, 459, 379, 279, 199, 99]],
    [0.75, 6, 8, [759, 639, 499, 379, 259, 139]],
    [0.75, 4, 6, [679, 499, 339, 179]],
    [0.85, 8, 10, [799, 699, 599, 499, 399, 299, 199, 99]],
    [0.85, 6, 8, [759, 639, 499, 379, 259, 139]],
    [0.85, 4, 5, [799, 599, 399, 199]],
    [0.95, 8, 9, [899, 779, 679, 559, 459, 339, 239, 119]],
    [0.95, 6, 7, [859, 719, 579, 439, 299, 159]],
    [0.95, 4, 5, [799, 599, 399, 199]],
  ])("eta %f, NFE %i", (eta, nfe, requested, timesteps) => {
    expect(requestedSteps(eta, nfe)).toBe(requested);
    expect(stdTimesteps(1000, 50, eta, nfe)).toEqual(timesteps);
  });

  it("spreads steps over the distillation grid (methods 1.8)", () => {
    expect(gridTimesteps(1000, 50, 4)).toEqual([999, 759, 499, 259]);
    expect(gridTimesteps(1000, 50, 8)).toEqual([999, 879, 759, 639, 499, 379, 259, 139]);
    expect(gridTimesteps(1000, 250, 8)).toEqual([999, 875, 751, 627, 499, 375, 251, 127]);
  });
});

describe("sampler nodes", () => {
  it("falls from the start to 0 without repeating", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 300 }), (start, steps) => {
        const nodes = evenNodes(start, steps);
        expect(nodes).toHaveLength(Math.min(start, steps) + 1);
        expect([nodes[0], nodes.at(-1)]).toEqual([start, 0]);
        nodes.slice(1).forEach((node, i) => {
          expect(node).toBeLessThan(nodes[i]!);
        });
      }),
    );
    expect(evenNodes(39, 100)).toEqual(Array.from({ length: 40 }, (_, i) => 39 - i));
    expect(evenNodes(39, 4)).toEqual([39, 29, 20, 10, 0]);
  });

  it("begins STD's path at the state's own node", () => {
    const grid = { timesteps: 1000, nodes: 50, eta: 0.75, steps: 8 };
    expect(stdNodes({ ...grid, start: 39 })).toEqual([39, 32, 28, 23, 19, 14, 10, 5, 0]);
    expect(stdNodes({ ...grid, start: 37 })).toEqual([37, 32, 28, 23, 19, 14, 10, 5, 0]);
    expect(stdNodes({ ...grid, start: 30 })).toBeNull();
    expect(stdNodes({ ...grid, start: 39, steps: 200 })).toBeNull();
  });
});
