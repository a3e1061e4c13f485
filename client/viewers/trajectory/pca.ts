/** Principal components of a few states of many numbers: a plane in which their paths can be drawn. */

export interface Components {
  /** [state][component], the first component along the greatest variance. */
  readonly places: readonly (readonly [number, number])[];
  /** Shares of the variance that the two components hold. */
  readonly explained: readonly [number, number];
}

/** Products of numbers between two pauses: some milliseconds. */
const CHUNK = 8e6;

/**
 * From the Gram matrix of the centred states (n x n, where n is far below their length): its eigenvectors, scaled by the roots of
 * the eigenvalues, are the scores. Signs are such that the largest score of a component is positive. `pause` is awaited now and
 * then, so that the page goes on.
 */
export async function principalComponents(
  states: readonly Float32Array[],
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Components> {
  const count = states.length;
  const centred = centre(states);
  const gram = Array.from({ length: count }, () => new Float64Array(count));
  let work = 0;
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      const product = dot(centred[i]!, centred[j]!);
      gram[i]![j] = product;
      gram[j]![i] = product;
      work += centred[i]!.length;
      if (work < CHUNK) continue;
      work = 0;
      await pause();
    }
  const { values, vectors } = eigen(gram);
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const score = (component: number): number[] => {
    const at = order[component];
    if (at === undefined) return new Array<number>(count).fill(0);
    const scale = Math.sqrt(Math.max(0, values[at]!));
    const column = vectors.map((row) => row[at]! * scale);
    const largest = column.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    return largest < 0 ? column.map((value) => -value) : column;
  };
  const share = (component: number) => (total > 0 ? Math.max(0, values[order[component] ?? -1] ?? 0) / total : 0);
  const [x, y] = [score(0), score(1)];
  return { places: states.map((_, i) => [x[i]!, y[i]!] as const), explained: [share(0), share(1)] };
}

function centre(states: readonly Float32Array[]): Float64Array[] {
  const length = states[0]?.length ?? 0;
  const mean = new Float64Array(length);
  for (const state of states) for (let i = 0; i < length; i++) mean[i]! += state[i]! / states.length;
  return states.map((state) => Float64Array.from(state, (value, i) => value - mean[i]!));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Eigenvalues and eigenvectors (as columns) of a symmetric matrix, by Jacobi's rotations. */
function eigen(matrix: readonly Float64Array[]): { values: number[]; vectors: Float64Array[] } {
  const n = matrix.length;
  const a = matrix.map((row) => row.slice());
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  const scale = a.reduce((sum, row, i) => sum + row[i]! ** 2, 0);
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;
    if (off <= 1e-22 * scale) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, p, q);
  }
  return { values: a.map((row, i) => row[i]!), vectors };
}

/** Turns the plane of axes p and q so that their product vanishes. */
function rotate(a: Float64Array[], vectors: Float64Array[], p: number, q: number): void {
  const [rowP, rowQ] = [a[p]!, a[q]!];
  const apq = rowP[q]!;
  if (apq === 0) return;
  const theta = (rowQ[q]! - rowP[p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (const row of a) turn(row, p, q, c, s);
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [rowP[k]!, rowQ[k]!];
    rowP[k] = c * x - s * y;
    rowQ[k] = s * x + c * y;
  }
  for (const row of vectors) turn(row, p, q, c, s);
}
function turn(row: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [row[p]!, row[q]!];
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
}
