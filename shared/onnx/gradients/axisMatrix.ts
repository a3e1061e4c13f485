/** A constant matrix applied along one axis: what resampling and pooling are, axis by axis, and their adjoints too. */
import type { Tensor } from "../graph";
import { matMul, reshape } from "../ops";

/** Row-major [rows, columns]. */
export interface AxisMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

export function transposed({ rows, columns, values }: AxisMatrix): AxisMatrix {
  const swapped = Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
  return { rows: columns, columns: rows, values: swapped };
}

/** Multiplies axis `axis` of x, of size `columns`, by the matrix: its size becomes `rows`. */
export function applyAlongAxis(x: Tensor, axis: number, matrix: AxisMatrix): Tensor {
  const shape = x.shape.with(axis, matrix.rows);
  if (axis === x.rank - 1) {
    const { rows, columns, values } = transposed(matrix);
    return matMul(x, x.graph.constant(values, [rows, columns]));
  }
  const left = x.graph.constant(matrix.values, [matrix.rows, matrix.columns]);
  return reshape(matMul(left, reshape(x, [...x.shape.slice(0, axis + 1), -1])), shape);
}
