import { finiteRange } from "./tensor/range";

/** Equal-width histogram of values. */
export interface Histogram {
  min: number;
  max: number;
  counts: number[];
}

/** Values that are not finite are left out; a constant gets one full bin in the middle of a unit range. */
export function histogramOf(values: ArrayLike<number>, bins = 40): Histogram {
  const { low: min, high: max } = finiteRange(values);
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value - min) / (max - min)) * bins));
    counts[bin]!++;
  }
  return { min, max, counts };
}
