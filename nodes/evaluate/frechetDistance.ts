/** The Fréchet distance of two sets of vectors (Heusel et al. 2017, eq. 6; methods 8.4), on the host. */
import type { Estimate } from "@distillery/shared/graph/node";
import { tQuantile } from "@distillery/shared/run/estimate";
import { Matrix, QrDecomposition, SingularValueDecomposition } from "ml-matrix";

/** Rows of vectors, [n, D]. */
export type Vectors = readonly Float32Array[];

/** Groups that are left out in turn to see how much the distance varies. */
const GROUPS = 10;

/**
 * |mu1 - mu2|^2 + Tr(C1 + C2 - 2 (C1 C2)^(1/2)), covariances with divisor n - 1. With the centred rows over sqrt(n - 1) as A and
 * B, C1 = A' A and C2 = B' B, so that the eigenvalues of C1 C2 are the squared singular values of A B', and the trace of
 * the root is their sum: no root of a matrix is taken, and D may be larger than n.
 */
export function frechetDistance(first: Vectors, second: Vectors): number {
  const [a, b] = [centred(first), centred(second)];
  const mean = a.mean.reduce((sum, value, i) => sum + (value - (b.mean[i] as number)) ** 2, 0);
  const cross = triangle(a.rows).mmul(triangle(b.rows).transpose());
  const { diagonal } = new SingularValueDecomposition(cross, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  const root = diagonal.reduce((sum, value) => sum + value, 0);
  return mean + squares(a.rows) + squares(b.rows) - 2 * root;
}

/**
 * With a 95 % interval by the jackknife over ten groups of rows, which are taken from both sets at once. Null for sets too
 * small, or with values that are not finite.
 */
export function frechetEstimate(first: Vectors, second: Vectors): Estimate | null {
  const n = Math.min(first.length, second.length);
  const groups = Math.min(GROUPS, n);
  if (n < 4 || ![...first, ...second].every((row) => row.every(Number.isFinite))) return null;
  const mean = frechetDistance(first, second);
  const without = Array.from({ length: groups }, (_, group) => {
    const rest = (rows: Vectors) => rows.filter((_row, i) => i % groups !== group);
    return frechetDistance(rest(first), rest(second));
  });
  const centre = without.reduce((sum, value) => sum + value, 0) / groups;
  const variance = ((groups - 1) / groups) * without.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const margin = tQuantile(groups - 1) * Math.sqrt(variance);
  return { mean, low: Math.max(0, mean - margin), high: mean + margin, n };
}

function centred(rows: Vectors): { mean: number[]; rows: Matrix } {
  const size = rows[0]?.length ?? 0;
  const mean = Array.from(
    { length: size },
    (_, j) => rows.reduce((sum, row) => sum + (row[j] as number), 0) / rows.length,
  );
  const scale = 1 / Math.sqrt(rows.length - 1);
  return {
    mean,
    rows: new Matrix(rows.map((row) => Array.from(row, (value, j) => (value - (mean[j] as number)) * scale))),
  };
}

/** A smaller matrix with the same A' A, where there are more rows than columns. */
const triangle = (rows: Matrix): Matrix =>
  rows.rows > rows.columns ? new QrDecomposition(rows).upperTriangularMatrix : rows;

/** Tr(A' A) */
const squares = (rows: Matrix): number => rows.to1DArray().reduce((sum, value) => sum + value * value, 0);
