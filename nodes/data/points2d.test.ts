import { randomStream } from "@distillery/shared/random/philox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gaussianMixture, type PointKind, type PointParams, samplePoints } from "./points2d";

const count = 20_000;
const cases: { [K in PointKind]: PointParams[K][] } = {
  "gaussian-mixture": [
    { layout: "ring", components: 8, std: 0.1 },
    { layout: "grid", components: 9, std: 0.15 },
    { layout: "grid", components: 7, std: 0.2 },
    { layout: "ring", components: 1, std: 2 },
  ],
  "two-moons": [{ noise: 0 }, { noise: 0.1 }],
  "swiss-roll": [
    { noise: 0.02, turns: 1.5 },
    { noise: 0, turns: 0.4 },
  ],
  checkerboard: [{ fields: 4 }, { fields: 3 }],
};
const each = [
  ...cases["gaussian-mixture"].map((p) => ["gaussian-mixture", p] as const),
  ...cases["two-moons"].map((p) => ["two-moons", p] as const),
  ...cases["swiss-roll"].map((p) => ["swiss-roll", p] as const),
  ...cases.checkerboard.map((p) => ["checkerboard", p] as const),
];
const named = each.map((point) => ({ name: `${point[0]} ${JSON.stringify(point[1])}`, point }));

function draw([kind, params]: (typeof each)[number], seed: number, n = count): Float32Array {
  const random = randomStream(seed, "points2d", 0);
  switch (kind) {
    case "gaussian-mixture":
      return samplePoints(kind, params, n, random);
    case "two-moons":
      return samplePoints(kind, params, n, random);
    case "swiss-roll":
      return samplePoints(kind, params, n, random);
    case "checkerboard":
      return samplePoints(kind, params, n, random);
  }
}

describe("samplePoints", () => {
  it.each(named)("$name has zero mean and unit average variance", ({ point }) => {
    const points = draw(point, 1);
    expect(points).toHaveLength(2 * count);
    expect(points.every(Number.isFinite)).toBe(true);
    const moment = (axis: number, power: number) => {
      let sum = 0;
      for (let i = axis; i < points.length; i += 2) sum += points[i]! ** power;
      return sum / count;
    };
    for (const axis of [0, 1]) expect(Math.abs(moment(axis, 1))).toBeLessThan(0.04);
    expect(Math.abs((moment(0, 2) + moment(1, 2)) / 2 - 1)).toBeLessThan(0.03);
  });

  it.each(named)("$name depends on the seed only", ({ point }) => {
    expect(draw(point, 5, 64)).toEqual(draw(point, 5, 64));
    expect(draw(point, 5, 64)).not.toEqual(draw(point, 6, 64));
  });

  it("leaves the light fields of a checkerboard empty", () => {
    const points = draw(["checkerboard", { fields: 4 }], 2, 2000);
    const half = Math.max(...points);
    for (let i = 0; i < points.length; i += 2) {
      const field = (v: number) => Math.min(3, Math.max(0, Math.floor(((v / half + 1) / 2) * 4)));
      const nearEdge = (v: number) => Math.abs(((((v / half + 1) / 2) * 4) % 1) - 0.5) > 0.49;
      if (nearEdge(points[i]!) || nearEdge(points[i + 1]!)) continue;
      expect((field(points[i]!) + field(points[i + 1]!)) % 2).toBe(0);
    }
  });

  it("says which parameter makes no distribution", () => {
    const random = randomStream(0, "points2d", 0);
    expect(() => samplePoints("two-moons", { noise: -1 }, 1, random)).toThrow("noise must be 0 or more; got -1");
    expect(() => samplePoints("swiss-roll", { noise: 0, turns: 0 }, 1, random)).toThrow("turns above 0; got 0");
    expect(() => samplePoints("checkerboard", { fields: 1.5 }, 1, random)).toThrow("got 1.5");
    expect(() => gaussianMixture({ layout: "ring", components: 0, std: 1 })).toThrow("at least 1; got 0");
    expect(() => gaussianMixture({ layout: "ring", components: 2, std: Number.NaN })).toThrow("above 0; got NaN");
  });
});

describe("gaussianMixture", () => {
  const params = fc.record({
    layout: fc.constantFrom("ring" as const, "grid" as const),
    components: fc.integer({ min: 1, max: 40 }),
    std: fc.double({ min: 0.01, max: 3, noNaN: true }),
  });

  it("is standardised in closed form for any parameters", () => {
    fc.assert(
      fc.property(params, (p) => {
        const { means, std, weights } = gaussianMixture(p);
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        const total = means.reduce((sum, m) => sum + m * m, 0) / (2 * p.components) + std * std;
        expect(total).toBeCloseTo(1, 10);
        expect(means.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 8);
      }),
    );
  });

  it("is what samplePoints draws: every point lies near one of its means", () => {
    const p = { layout: "ring", components: 6, std: 0.05 } as const;
    const { means, std } = gaussianMixture(p);
    const points = samplePoints("gaussian-mixture", p, 2000, randomStream(4, "near", 0));
    const seen = new Set<number>();
    for (let i = 0; i < points.length; i += 2) {
      const distances = Array.from({ length: 6 }, (_, k) =>
        Math.hypot(points[i]! - means[2 * k]!, points[i + 1]! - means[2 * k + 1]!),
      );
      const nearest = distances.indexOf(Math.min(...distances));
      seen.add(nearest);
      expect(distances[nearest]).toBeLessThan(6 * std);
    }
    expect(seen.size).toBe(6);
  });
});
