import { randomStream } from "@distillery/shared/random/philox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NONE, type SlotOptions, Slots } from "./slots";

const START = 39;

/** Plays the rule without tensors and counts, per trained node, how often it was visited. */
function play(options: Partial<SlotOptions>, steps: number) {
  const rows = options.rows ?? 20;
  const slots = new Slots({ rows, slots: 4, rate: 0.8, retireNode: 2, contiguousDraw: false, ...options });
  const random = randomStream(11, "bank", 0);
  const visits = new Array<number>(START + 1).fill(0);
  let total = 0;
  let fullRows = 0;
  let fresh = 0;
  let discarded = 0;
  const warmUp = Math.floor(steps / 10);
  for (let step = 0; step < steps; step++) {
    const counted = step >= warmUp;
    for (let row = 0; row < rows; row++) {
      const mine = slots.nodes.subarray(row * slots.options.slots, (row + 1) * slots.options.slots);
      const isFull = mine.every((node) => node > 0);
      const from = slots.draw(row, random);
      const node = from === NONE ? START : slots.nodes[from]!;
      const place = slots.store(row, from, node - 1);
      if (!counted) continue;
      visits[node]!++;
      if (isFull) fullRows++;
      if (from === NONE) fresh++;
      if (from === NONE && place === NONE) discarded++;
      total++;
    }
  }
  return { shares: visits.map((count) => count / total), full: fullRows / total, discarded: discarded / fresh, slots };
}

describe("trajectory bank slots: steady state (methods 5.3, eta 0.75)", () => {
  it.each([
    ["as coded", { contiguousDraw: true }, 0.21, 0.0219],
    ["drawing only filled slots", {}, 0.201, 0.0216],
    ["rate 0.7, as coded", { rate: 0.7, contiguousDraw: true }, 0.307, 0.0193],
    ["16 slots, as coded", { slots: 16, contiguousDraw: true }, 0.21, 0.0219],
  ] as const)("%s", (_name, options, atStart, elsewhere) => {
    const { shares } = play(options, 10_000);
    expect(Math.abs(shares[START]! - atStart)).toBeLessThan(0.006);
    for (let node = 3; node < START; node++) expect(Math.abs(shares[node]! - elsewhere)).toBeLessThan(0.002);
    expect(shares.slice(0, 3)).toEqual([0, 0, 0]);
  });

  it("keeps all slots full most of the time and discards most fresh states", () => {
    const { full, discarded } = play({ contiguousDraw: true }, 10_000);
    expect(full).toBeCloseTo(0.938, 1);
    expect(discarded).toBeCloseTo(0.896, 1);
  });

  it("degenerates to one slot at rate 1", () => {
    const { shares, slots } = play({ rate: 1 }, 4_000);
    expect(slots.filled).toBeLessThanOrEqual(slots.options.rows);
    expect(shares[START]).toBeCloseTo(1 / 37, 2);
  });

  it("trains a stored path 37 times, at nodes 39 to 3", () => {
    const slots = new Slots({ rows: 1, slots: 1, rate: 1, retireNode: 2, contiguousDraw: false });
    const random = randomStream(1, "bank", 0);
    const visited: number[] = [];
    do {
      const from = slots.draw(0, random);
      const node = from === NONE ? START : slots.nodes[from]!;
      visited.push(node);
      slots.store(0, from, node - 1);
    } while (slots.filled > 0);
    expect(visited).toEqual(Array.from({ length: 37 }, (_, i) => 39 - i));
  });
});

describe("trajectory bank slots: rules", () => {
  it("never mixes rows, never stores a retired node, and keeps ages of what it holds", () => {
    const options = fc.record({
      rows: fc.integer({ min: 1, max: 4 }),
      slots: fc.integer({ min: 1, max: 5 }),
      rate: fc.double({ min: 0, max: 1, noNaN: true }),
      retireNode: fc.integer({ min: 0, max: 5 }),
      contiguousDraw: fc.boolean(),
    });
    fc.assert(
      fc.property(options, fc.integer(), (given, seed) => {
        const slots = new Slots(given);
        const random = randomStream(seed, "bank", 0);
        for (let step = 0; step < 60; step++) {
          for (let row = 0; row < given.rows; row++) {
            const from = slots.draw(row, random);
            if (from !== NONE) expect(Math.floor(from / given.slots)).toBe(row);
            const node = from === NONE ? 12 : slots.nodes[from]!;
            const place = slots.store(row, from, node - 1);
            if (place !== NONE) {
              expect(Math.floor(place / given.slots)).toBe(row);
              expect(slots.ages[place]).toBe(12 - slots.nodes[place]!);
            }
          }
          for (const node of slots.nodes) expect(node === 0 || node > given.retireNode).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("misses an empty slot only with the contiguous draw", () => {
    const holes = (contiguousDraw: boolean) => {
      const slots = new Slots({ rows: 1, slots: 2, rate: 1, retireNode: 2, contiguousDraw });
      slots.store(0, NONE, 10);
      slots.store(0, NONE, 11);
      slots.store(0, 0, 2);
      return slots.draw(0, randomStream(3, "bank", 0));
    };
    expect(holes(false)).toBe(1);
    expect(holes(true)).toBe(NONE);
  });
});
