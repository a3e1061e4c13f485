/** Which values get the two ends of a colour map. */

export interface Range {
  readonly low: number;
  readonly high: number;
}

export const RANGE_MODES = ["pixels", "auto", "percentile", "fixed"] as const;
export type RangeMode = (typeof RANGE_MODES)[number];

/** What pixels of pictures lie in. */
export const PIXELS: Range = { low: -1, high: 1 };
/** Share left out at either end of a percentile range. */
const TAIL = 0.01;
/** Percentiles of larger tensors are those of evenly picked values. */
const MAX_SORTED = 65_536;

/** Least and greatest finite value; 0 to 1 where there is none, half a unit around a constant. */
export function finiteRange(values: ArrayLike<number>): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { low: 0, high: 1 };
  return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
}

/** The finite values in ascending order. */
export function sortedFinite(values: ArrayLike<number>): Float32Array {
  const step = Math.max(1, Math.ceil(values.length / MAX_SORTED));
  const picked = new Float32Array(Math.ceil(values.length / step));
  let count = 0;
  for (let i = 0; i < values.length; i += step) if (Number.isFinite(values[i])) picked[count++] = values[i]!;
  return picked.subarray(0, count).sort();
}

/** Quantile 0..1 of ascending values, linear between neighbours (numpy's default); NaN of nothing. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = Math.min(Math.max(q, 0), 1) * (sorted.length - 1);
  const below = Math.floor(at);
  const from = sorted[below]!;
  return from + ((sorted[Math.min(below + 1, sorted.length - 1)] ?? from) - from) * (at - below);
}

/** The range of `values` in a mode; `isSigned` makes it symmetric about zero, for maps whose middle means zero. */
export function rangeOf(values: ArrayLike<number>, mode: RangeMode, fixed: Range, isSigned = false): Range {
  if (mode === "pixels") return PIXELS;
  if (mode === "fixed") return fixed.low < fixed.high ? fixed : { low: fixed.low, high: fixed.low + 1 };
  let range = finiteRange(values);
  if (mode === "percentile") {
    const sorted = sortedFinite(values);
    const [low, high] = [quantile(sorted, TAIL), quantile(sorted, 1 - TAIL)];
    if (low < high) range = { low, high };
  }
  if (!isSigned) return range;
  const size = Math.max(Math.abs(range.low), Math.abs(range.high));
  return { low: -size, high: size };
}
