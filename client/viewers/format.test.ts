import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, formatNumber } from "./format";
import { histogramOf } from "./histogram";
import { layoutOf, planeOf } from "./tensor/layout";
import { valueTable } from "./tensor/valueTable";
import { boundsOf, boundsOfStats, densityGrid, toPixel, travelled } from "./trajectory/pathGeometry";
import { groupRows } from "./trajectory/viewerData";

describe("numbers for people", () => {
  it("are short and true", () => {
    expect([0, 1.23456, -0.5, 12345.6, 1e-5, 2.5e7, Number.NaN].map(formatNumber)).toEqual([
      "0",
      "1.235",
      "−0.5",
      "12,346",
      "1e−5",
      "2.5e7",
      "NaN",
    ]);
    expect([0.2, 3.21, 42, 185, 7800].map(formatDuration)).toEqual([
      "200 ms",
      "3.2 s",
      "42 s",
      "3 min 05 s",
      "2 h 10 min",
    ]);
    expect([12, 4200, 31_000_000].map(formatBytes)).toEqual(["12 B", "4.2 kB", "31 MB"]);
  });
});

describe("a histogram", () => {
  it("counts every finite value once", () => {
    const { counts, min, max } = histogramOf([0, 1, 2, 3, Number.NaN, 4, Number.POSITIVE_INFINITY], 4);
    expect([counts, min, max]).toEqual([[1, 1, 1, 2], 0, 4]);
  });
  it("of a constant has one bin", () => {
    expect(histogramOf([2, 2, 2], 5).counts.filter((count) => count > 0)).toEqual([3]);
  });
});

describe("paths in the plane", () => {
  it("are cut where they are at a moment", () => {
    const curve = [
      [0, 0],
      [2, 0],
      [2, 4],
    ] as const;
    expect(travelled(curve, 0)).toEqual([[0, 0]]);
    expect(travelled(curve, 0.75)).toEqual([
      [0, 0],
      [2, 0],
      [2, 2],
    ]);
    expect(travelled(curve, 1)).toEqual(curve);
  });
  it("lie inside the picture, y upwards", () => {
    const bounds = boundsOf(
      [
        [-1, -1],
        [1, 3],
      ],
      undefined,
    );
    const place = toPixel(bounds, 100);
    const [low, high] = [place([-1, -1]), place([1, 3])];
    expect(low[1]).toBeGreaterThan(high[1]);
    for (const value of [...low, ...high]) expect(value > 0 && value < 100).toBe(true);
  });
  it("have their densest cell at the points", () => {
    const grid = densityGrid([[0, 0]], { centerX: 0, centerY: 0, half: 1 }, 9, 1);
    expect([grid.indexOf(1), Math.max(...grid)]).toEqual([40, 1]);
  });
  it("keep one scale while values change a little", () => {
    expect(boundsOfStats({ min: -2.1, max: 2.4 }).half).toBe(boundsOfStats({ min: -2, max: 2.3 }).half);
  });
});

describe("what a viewer node says", () => {
  it("is grouped by student", () => {
    const row = (socket: string, nfe: number) => ({ socket, title: socket, nfe, timesteps: [9, 0] });
    const groups = groupRows([row("teacher", 39), row("student", 8), row("teacher.1", 39), row("student.1", 4)]);
    expect(groups.map(({ place, nfe, rows }) => [place, nfe, rows.length])).toEqual([
      [0, 8, 2],
      [1, 4, 2],
    ]);
  });
});

describe("raw values", () => {
  it("of an image are shown channel by channel, of points row by row", () => {
    const layout = layoutOf([2, 2, 2]);
    const image = Float32Array.from({ length: 8 }, (_, i) => i);
    expect(valueTable(planeOf(image, layout, 0, 1), layout.width).rows).toEqual([
      ["4.0000", "5.0000"],
      ["6.0000", "7.0000"],
    ]);
    const points = valueTable(new Float32Array([1, 2, 3, 4]), 2, 1);
    expect([points.rows, points.isCut]).toEqual([[["1.0000", "2.0000"]], true]);
  });
});
