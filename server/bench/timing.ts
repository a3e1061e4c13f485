/** Fair timing on a shared, noisy machine: two variants in turn, and the ratio pair by pair. */

export interface Paired {
  /** Median milliseconds of each variant. */
  readonly a: number;
  readonly b: number;
  /** Median of b/a over the pairs: how many times slower b is. */
  readonly ratio: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
};

export async function time(body: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await body();
  return performance.now() - begin;
}

/** Runs a, b, a, b, ... after one warm-up of each. */
export async function paired(a: () => Promise<unknown>, b: () => Promise<unknown>, rounds: number): Promise<Paired> {
  await a();
  await b();
  const as: number[] = [];
  const bs: number[] = [];
  for (let i = 0; i < rounds; i++) {
    as.push(await time(a));
    bs.push(await time(b));
  }
  return { a: median(as), b: median(bs), ratio: median(bs.map((t, i) => t / (as[i] ?? Number.NaN))) };
}
