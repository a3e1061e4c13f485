/** Means of per-picture values with their 95 % intervals. */
import type { Estimate } from "../graph/node";

/** 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * 97.5 % quantile of Student's t: exact for 1 and 2 degrees of freedom, otherwise the expansion in 1/n around the normal
 * quantile (Abramowitz & Stegun 26.7.5), within 0.2 % from 3 on.
 */
export function tQuantile(degrees: number): number {
  if (degrees < 1) return Number.POSITIVE_INFINITY;
  if (degrees === 1) return 12.706204736174698;
  if (degrees === 2) return 4.302652729749464;
  const z = Z;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  const g4 = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160;
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3 + g4 / degrees ** 4;
}

/** mean +- t s / sqrt(n) with Student's t, of independent values; one value alone has an interval of no width, none has no mean. */
export function meanInterval(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: mean, high: mean, n };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const margin = tQuantile(n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - margin, high: mean + margin, n };
}

/**
 * Mean and 95 % interval; values that are not finite are left out, and null is what is left of none.
 * Where all are 0 or 1 it is a share: Wilson's score interval, which is honest at 0 and 1, too. Otherwise
 * mean +- t s / sqrt(n) with Student's t.
 */
export function estimateOf(all: ArrayLike<number>): Estimate | null {
  const values = Array.from(all).filter(Number.isFinite);
  if (values.length === 0) return null;
  const interval = meanInterval(values);
  const isShare = values.every((value) => value === 0 || value === 1);
  return isShare ? { ...interval, ...wilson(interval.mean, interval.n) } : interval;
}

/** Wilson 1927: centre and half width of the score interval of a share p of n. */
function wilson(p: number, n: number): { low: number; high: number } {
  const scale = 1 + Z ** 2 / n;
  const centre = (p + Z ** 2 / (2 * n)) / scale;
  const half = (Z / scale) * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
