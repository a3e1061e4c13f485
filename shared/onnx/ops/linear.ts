/** Matrix products. */
import { formatShape, sizeOf, type Tensor } from "../graph";
import { broadcast, emit, float, int, opError, sameType, string } from "./build";
import { type EinsumPlan, parseEinsum } from "./einsum";

/** Matrix product over the last two axes, the others broadcast; a rank-1 operand is a row (left) or a column (right). */
export function matMul(a: Tensor, b: Tensor): Tensor {
  sameType("MatMul", [a, b]);
  const left = a.rank === 1 ? [1, ...a.shape] : a.shape;
  const right = b.rank === 1 ? [...b.shape, 1] : b.shape;
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  if (a.rank === 0 || b.rank === 0 || batch === null || left.at(-1) !== right.at(-2)) {
    throw opError(a.graph, "MatMul", `shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not multiply.`);
  }
  const rows = a.rank === 1 ? [] : [left.at(-2)!];
  const columns = b.rank === 1 ? [] : [right.at(-1)!];
  return emit("MatMul", [a, b], { dtype: a.dtype, shape: [...batch, ...rows, ...columns] });
}

export interface GemmOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** alpha * A' B' + beta * C for matrices, with A', B' transposed on request; C broadcasts to the product's shape. */
export function gemm(a: Tensor, b: Tensor, c: Tensor | null = null, options: GemmOptions = {}): Tensor {
  const { alpha = 1, beta = 1, transA = false, transB = false } = options;
  sameType("Gemm", c === null ? [a, b] : [a, b, c]);
  const [m, k] = transA ? [...a.shape].reverse() : a.shape;
  const [l, n] = transB ? [...b.shape].reverse() : b.shape;
  if (a.rank !== 2 || b.rank !== 2 || k !== l) {
    throw opError(
      a.graph,
      "Gemm",
      `shapes ${formatShape(a.shape)}${transA ? " transposed" : ""} and ${formatShape(b.shape)}${transB ? " transposed" : ""} do not multiply.`,
    );
  }
  const shape = [m!, n!];
  if (c !== null && broadcast(c.shape, shape)?.join() !== shape.join()) {
    throw opError(
      a.graph,
      "Gemm",
      `C of shape ${formatShape(c.shape)} does not broadcast to the product's ${formatShape(shape)}.`,
    );
  }
  return emit(
    "Gemm",
    c === null ? [a, b] : [a, b, c],
    { dtype: a.dtype, shape },
    { alpha: float(alpha), beta: float(beta), transA: int(transA ? 1 : 0), transB: int(transB ? 1 : 0) },
  );
}

/** Einstein summation, e.g. `einsum("bhid,bhjd->bhij", q, k)`; no ellipsis, no label twice in one operand. */
export function einsum(equation: string, ...tensors: Tensor[]): Tensor {
  sameType("Einsum", tensors);
  let plan: EinsumPlan;
  try {
    plan = parseEinsum(equation, tensors);
  } catch (error) {
    throw opError(tensors[0]!.graph, "Einsum", error instanceof Error ? error.message : String(error));
  }
  const shape = plan.output.map((label) => plan.sizes.get(label)!);
  if (sizeOf(shape) === 0) throw opError(tensors[0]!.graph, "Einsum", `the output ${formatShape(shape)} is empty.`);
  return emit("Einsum", tensors, { dtype: tensors[0]!.dtype, shape }, { equation: string(equation) });
}
