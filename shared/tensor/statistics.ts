import type { TensorStats } from "../protocol/events";

/** Statistics over the finite values; NaN and infinite ones are counted. All zero when no value is finite. */
export function statisticsOf(values: Float32Array): TensorStats {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  let nan = 0;
  let inf = 0;
  for (const value of values) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) inf++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
      sum += value;
      count++;
    }
  }
  if (count === 0) return { min: 0, max: 0, mean: 0, std: 0, nan, inf };
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return { min, max, mean, std: Math.sqrt(squares / count), nan, inf };
}
