import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf, type Rect, SpatialIndex, touches } from "./spatialIndex";

const rect = fc.record({
  x: fc.integer({ min: -5000, max: 5000 }),
  y: fc.integer({ min: -5000, max: 5000 }),
  width: fc.integer({ min: 0, max: 9000 }),
  height: fc.integer({ min: 0, max: 900 }),
});

describe("SpatialIndex", () => {
  it("finds exactly what a full search finds, after moves and deletions", () => {
    const change = fc.record({ id: fc.nat(20).map(String), rect: fc.option(rect, { nil: null }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), rect, (changes, area) => {
        const index = new SpatialIndex(256);
        const all = new Map<string, Rect>();
        for (const { id, rect: next } of changes) {
          if (next) {
            index.set(id, next);
            all.set(id, next);
          } else {
            index.delete(id);
            all.delete(id);
          }
        }
        const expected = [...all].filter(([, r]) => touches(r, area)).map(([id]) => id);
        expect(index.query(area).sort()).toEqual(expected.sort());
        expect(index.size).toBe(all.size);
      }),
      { numRuns: 200 },
    );
  });

  it("has no bounds when empty", () => {
    expect(boundsOf([])).toBeNull();
    expect(
      boundsOf([
        { x: 1, y: 2, width: 3, height: 4 },
        { x: -1, y: 0, width: 1, height: 1 },
      ]),
    ).toEqual({
      x: -1,
      y: 0,
      width: 5,
      height: 6,
    });
  });
});
