/** Principal components of a few states of many numbers: a plane in which their paths can be drawn. */

export interface Components {
  /** [state][component], the first component along the greatest variance. */
  readonly places: readonly (readonly [number, number])[];
  /** Shares of the variance that the two components hold. */
  readonly explained: readonly [number, number];
}

/** Products of numbers between two pauses: some milliseconds. */
const CHUNK = 8e6;

/** Rounds of a power iteration at most. Where so many do not settle it, the axes it turns between are equally good ones. */
const MAX_ROUNDS = 500;

/**
 * From the Gram matrix of the centred states (n x n, where n is far below their length): its leading eigenvectors, scaled by the
 * roots of the eigenvalues, are the scores. Signs are such that the largest score of a component is positive. `pause` is awaited
 * now and then, so that the page goes on.
 */
export async function principalComponents(
  states: readonly Float32Array[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Components> {
  let work = 0;
  const spend = async (products: number) => {
    work += products;
    if (work < CHUNK) return;
    work = 0;
    await pause();
  };
  const length = states[0]?.length ?? 0;
  const mean = new Float64Array(length);
  for (const state of states) {
    for (let i = 0; i < length; i++) mean[i]! += state[i]! / states.length;
    await spend(length);
  }
  const gram = states.map(() => new Float64Array(states.length));
  for (const [i, a] of states.entries())
    for (let j = 0; j <= i; j++) {
      const b = states[j]!;
      let sum = 0;
      for (let k = 0; k < length; k++) sum += (a[k]! - mean[k]!) * (b[k]! - mean[k]!);
      gram[i]![j] = sum;
      gram[j]![i] = sum;
      await spend(length);
    }
  const total = gram.reduce((sum, row, i) => sum + row[i]!, 0);
  const score = async (): Promise<{ scores: number[]; share: number }> => {
    const { value, vector } = await takeLeading(gram, spend);
    const largest = vector.reduce((best, each) => (Math.abs(each) > Math.abs(best) ? each : best), 0);
    const scale = (largest < 0 ? -1 : 1) * Math.sqrt(value);
    return { scores: Array.from(vector, (each) => scale * each), share: total > 0 ? value / total : 0 };
  };
  const [x, y] = [await score(), await score()];
  return { places: states.map((_, i) => [x.scores[i]!, y.scores[i]!] as const), explained: [x.share, y.share] };
}

/** Greatest eigenvalue of a symmetric matrix without negative ones, and its vector, by power iteration; they are taken out of it. */
async function takeLeading(matrix: readonly Float64Array[], spend: (products: number) => Promise<void>) {
  // Any start will do that is not at right angles to the vector.
  let vector = Float64Array.from(matrix, (_, i) => Math.sin(i + 1));
  let value = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = Float64Array.from(matrix, (row) => dot(row, vector));
    value = Math.sqrt(dot(next, next));
    if (value === 0) break;
    for (let i = 0; i < next.length; i++) next[i]! /= value;
    const isSettled = next.every((each, i) => Math.abs(each - vector[i]!) < 1e-12);
    vector = next;
    if (isSettled) break;
    await spend(matrix.length ** 2);
  }
  for (const [i, row] of matrix.entries())
    for (let j = 0; j < row.length; j++) row[j]! -= value * vector[i]! * vector[j]!;
  return { value, vector };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
