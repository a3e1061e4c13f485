/** Test-only: comparing lists of numbers with PyTorch's. */
import { expect } from "vitest";

/** Largest difference, as a share of the largest expected number, or of `least` where that is larger. */
export function farthest(found: readonly number[], expected: readonly number[], least = 1e-6): number {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs), least);
  return Math.max(...found.map((value, i) => Math.abs(value - (expected[i] as number)))) / scale;
}
