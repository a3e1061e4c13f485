/** Where 2-D paths lie on a picture, and how far along they are at a moment. */
import type { Density, Paths } from "./viewerData";

export type Point = readonly [number, number];
export interface Bounds {
  centerX: number;
  centerY: number;
  /** Half the side of the shown square. */
  half: number;
}

/** A square around the density and all paths, with a margin; far outliers do not shrink everything else. */
export function boundsOf(density: Density, paths: Paths | undefined): Bounds {
  const xs: number[] = [];
  const ys: number[] = [];
  const take = (points: readonly Point[]) => {
    for (const [x, y] of points)
      if (Number.isFinite(x) && Number.isFinite(y)) {
        xs.push(x);
        ys.push(y);
      }
  };
  take(density);
  for (const path of paths ? [paths.teacher, ...paths.students] : []) for (const curve of path.curves) take(curve);
  if (xs.length === 0) return { centerX: 0, centerY: 0, half: 1 };
  const [left, right] = innerRange(xs);
  const [bottom, top] = innerRange(ys);
  return {
    centerX: (left + right) / 2,
    centerY: (bottom + top) / 2,
    half: Math.max(right - left, top - bottom, 1e-6) * 0.7,
  };
}

/** A batch of 2-D points: [N, 2]. */
export const isPoints = (shape: readonly number[]): boolean => shape.length === 2 && shape[1] === 2;

/** A square around the origin that holds values of these statistics, in steps so that a live picture does not breathe. */
export function boundsOfStats({ min, max }: { min: number; max: number }): Bounds {
  const size = Math.max(Math.abs(min), Math.abs(max));
  if (!Number.isFinite(size) || size === 0) return { centerX: 0, centerY: 0, half: 1 };
  const step = 2 ** Math.floor(Math.log2(size)) / 2;
  return { centerX: 0, centerY: 0, half: (Math.floor(size / step) + 1) * step };
}

/** Range of the values between the 0.5th and the 99.5th percentile. */
function innerRange(values: number[]): [number, number] {
  values.sort((a, b) => a - b);
  const cut = Math.floor(values.length * 0.005);
  return [values[cut]!, values[values.length - 1 - cut]!];
}

export const toPixel =
  ({ centerX, centerY, half }: Bounds, size: number) =>
  ([x, y]: Point): [number, number] => [
    ((x - centerX) / half + 1) * 0.5 * size,
    (1 - (y - centerY) / half) * 0.5 * size,
  ];

/** The part of a path travelled at `progress` (0 the start, 1 the end), linear between its states. */
export function travelled(curve: readonly Point[], progress: number): Point[] {
  if (curve.length < 2) return [...curve];
  const along = Math.min(Math.max(progress, 0), 1) * (curve.length - 1);
  const whole = Math.floor(along);
  const part = curve.slice(0, whole + 1);
  const [from, to] = [curve[whole]!, curve[whole + 1]];
  const rest = along - whole;
  if (to && rest > 0) part.push([from[0] + (to[0] - from[0]) * rest, from[1] + (to[1] - from[1]) * rest]);
  return part;
}

/**
 * Kernel density of points on a `cells` x `cells` grid over `bounds`, scaled to a maximum of 1. Row 0 is the top.
 * The kernel is a Gaussian of `width` cells, cut at three widths.
 */
export function densityGrid(points: Density, bounds: Bounds, cells: number, width: number): Float32Array {
  const grid = new Float32Array(cells * cells);
  const place = toPixel(bounds, cells);
  const reach = Math.ceil(3 * width);
  let max = 0;
  for (const each of points) {
    const [x, y] = place(each);
    for (let row = Math.max(0, Math.floor(y) - reach); row <= Math.min(cells - 1, Math.floor(y) + reach); row++)
      for (let column = Math.max(0, Math.floor(x) - reach); column <= Math.min(cells - 1, x + reach); column++) {
        const dx = column + 0.5 - x;
        const dy = row + 0.5 - y;
        const at = row * cells + column;
        grid[at]! += Math.exp(-(dx * dx + dy * dy) / (2 * width * width));
        if (grid[at]! > max) max = grid[at]!;
      }
  }
  if (max > 0) for (let i = 0; i < grid.length; i++) grid[i]! /= max;
  return grid;
}
