import { describe, expect, it } from "vitest";
import { axisOf, place, placeLabels } from "./scatter";

const span = (mean: number, margin = 0) => ({ mean, low: mean - margin, high: mean + margin });

describe("an axis", () => {
  it("holds every interval and has round ticks", () => {
    const axis = axisOf([span(0.31, 0.05), span(0.82, 0.02)], 5);
    expect(axis.min).toBeLessThan(0.26);
    expect(axis.max).toBeGreaterThan(0.84);
    expect(axis.ticks).toEqual([0.2, 0.4, 0.6, 0.8].filter((tick) => tick > axis.min));
  });
  it("is sensible for one value, none, and values that are not finite", () => {
    const one = axisOf([span(5)], 4);
    expect(one.min).toBeLessThan(5);
    expect(one.max).toBeGreaterThan(5);
    expect(axisOf([], 4).ticks).toEqual([0, 0.5, 1]);
    expect(axisOf([span(Number.NaN), span(1)], 4).max).toBeGreaterThan(1);
  });
  it("puts its ends at the ends", () => {
    const axis = { min: 2, max: 4, ticks: [] };
    expect([place(axis, 10, 110, 2), place(axis, 10, 110, 4), place(axis, 110, 10, 3)]).toEqual([10, 110, 60]);
  });
});

describe("labels", () => {
  const area = { x: 0, y: 0, width: 200, height: 100 };
  it("stand beside their markers and never on each other", () => {
    const boxes = placeLabels(
      [
        { x: 100, y: 50, label: "4" },
        { x: 108, y: 47, label: "8" },
      ],
      area,
    );
    const [a, b] = boxes;
    expect(
      a && b && (a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y),
    ).toBe(true);
  });
  it("stay inside, or are left out where there is no room", () => {
    const [corner] = placeLabels([{ x: 199, y: 1, label: "guidance" }], area);
    expect(corner && corner.x + corner.width <= 200 && corner.y >= 0).toBe(true);
    const crowd = Array.from({ length: 40 }, (_, i) => ({ x: 100 + (i % 5), y: 50, label: "1234" }));
    expect(placeLabels(crowd, area).filter((box) => box === null).length).toBeGreaterThan(20);
  });
});
