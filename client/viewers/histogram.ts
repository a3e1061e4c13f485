/** Equal-width histogram of values. */
export interface Histogram {
  min: number;
  max: number;
  counts: number[];
}

/** Values that are not finite are left out; a constant gets one full bin in the middle of a unit range. */
export function histogramOf(values: ArrayLike<number>, bins = 40): Histogram {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const counts = new Array<number>(bins).fill(0);
  if (min > max) return { min: 0, max: 1, counts };
  if (min === max) {
    min -= 0.5;
    max += 0.5;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value - min) / (max - min)) * bins));
    counts[bin]!++;
  }
  return { min, max, counts };
}
