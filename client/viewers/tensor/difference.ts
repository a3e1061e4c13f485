/** What separates two tensors of one shape. */
import { type Layout, planeOf } from "./layout";

export interface Difference {
  readonly values: Float32Array;
  /** Greatest and mean distance of two values. */
  readonly maxAbs: number;
  readonly meanAbs: number;
  /** |a - b| / |b| in the Euclidean norm; 0 for equal tensors, even of zeros. */
  readonly relative: number;
  readonly isEqual: boolean;
}

/** a - b; where either is no number, so is the result, and it does not count. */
export function differenceOf(a: Float32Array, b: Float32Array): Difference {
  const values = new Float32Array(a.length);
  let [maxAbs, sum, squares, norm, count, isEqual] = [0, 0, 0, 0, 0, true];
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    values[i] = difference;
    if (!Object.is(a[i], b[i])) isEqual = false;
    if (!Number.isFinite(difference)) continue;
    const size = Math.abs(difference);
    maxAbs = Math.max(maxAbs, size);
    sum += size;
    squares += size * size;
    norm += b[i]! * b[i]!;
    count++;
  }
  const relative = squares === 0 ? 0 : Math.sqrt(squares / norm);
  return { values, maxAbs, meanAbs: count === 0 ? 0 : sum / count, relative, isEqual };
}

/** Of a difference: the root mean square over the channels at each place of a frame. */
export function errorPlane(values: Float32Array, layout: Layout, frame: number): Float32Array {
  const plane = new Float32Array(layout.height * layout.width);
  for (let channel = 0; channel < layout.channels; channel++)
    planeOf(values, layout, frame, channel).forEach((value, i) => {
      plane[i]! += (value * value) / layout.channels;
    });
  return plane.map(Math.sqrt);
}

/** The last step, not after `limit`, that both ascending lists have. */
export function newestCommonStep(
  a: readonly number[],
  b: readonly number[],
  limit = Number.POSITIVE_INFINITY,
): number | undefined {
  let [i, j] = [a.length - 1, b.length - 1];
  while (i >= 0 && j >= 0) {
    const [x, y] = [a[i]!, b[j]!];
    if (x === y && x <= limit) return x;
    if (x >= y) i--;
    if (y >= x) j--;
  }
  return undefined;
}
