/** What every op function needs: attributes, shape rules, and errors that say where and print both shapes. */
import { type Attribute, type Attributes, type DType, formatShape, type Graph, GraphError, Tensor } from "../graph";

/** A tensor, or a number that becomes a scalar constant of the other operand's type. */
export type Operand = Tensor | number;

export const int = (value: number): Attribute => ({ kind: "int", value });
export const float = (value: number): Attribute => ({ kind: "float", value });
export const string = (value: string): Attribute => ({ kind: "string", value });
export const ints = (value: readonly number[]): Attribute => ({ kind: "ints", value });

/** An error of the op `op`, naming the scope (so the document node) it was built in. */
export function opError(graph: Graph, op: string, message: string): GraphError {
  const place = graph.currentScope === "" ? "" : ` in "${graph.currentScope}"`;
  return new GraphError(`${op}${place}: ${message}`);
}

/** Appends a node with one output of the given type and shape (often another tensor's). */
export function emit(
  op: string,
  inputs: readonly (Tensor | null)[],
  output: { dtype: DType; shape: readonly number[] },
  attributes: Attributes = {},
): Tensor {
  const first = inputs.find((tensor) => tensor !== null);
  if (first === undefined) throw new GraphError(`${op} needs at least one input.`);
  const { dtype, shape } = output;
  return first.graph.add(op, inputs, [{ dtype, shape }], attributes)[0]!;
}

/** The shape two shapes broadcast to (numpy rules), or null when they do not. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const m = a[i - rank + a.length] ?? 1;
    const n = b[i - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return null;
    shape.push(m === 1 ? n : m);
  }
  return shape;
}

/** The common shape of `tensors`; throws when they do not broadcast. */
export function broadcastAll(op: string, tensors: readonly Tensor[]): readonly number[] {
  let shape = tensors[0]!.shape;
  for (const tensor of tensors.slice(1)) {
    const common = broadcast(shape, tensor.shape);
    if (common === null) {
      throw opError(
        tensor.graph,
        op,
        `shapes ${formatShape(shape)} and ${formatShape(tensor.shape)} do not broadcast (${tensors.map((t) => t.name).join(", ")}).`,
      );
    }
    shape = common;
  }
  return shape;
}

/** A constant of any dtype with shape []. */
export function scalar(graph: Graph, value: number, dtype: DType = "float32"): Tensor {
  if (dtype !== "float16") return graph.constant([value], [], dtype);
  return emit("Cast", [graph.constant([value])], { dtype, shape: [] }, { to: int(10) });
}

/** Both operands as tensors of one dtype. */
export function operands(op: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (a instanceof Tensor) {
    const right = b instanceof Tensor ? b : scalar(a.graph, b, a.dtype);
    sameType(op, [a, right]);
    return [a, right];
  }
  if (b instanceof Tensor) return [scalar(b.graph, a, b.dtype), b];
  throw new GraphError(`${op}: at least one operand must be a tensor.`);
}

export function sameType(op: string, tensors: readonly Tensor[]): void {
  const other = tensors.find((tensor) => tensor.dtype !== tensors[0]!.dtype);
  if (other !== undefined) {
    throw opError(other.graph, op, `inputs must have one type, got ${tensors[0]} and ${other}.`);
  }
}

/** A non-negative axis; throws when `axis` is outside [-rank, rank). */
export function normaliseAxis(op: string, x: Tensor, axis: number, rank = x.rank): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw opError(x.graph, op, `axis ${axis} is outside the ${rank} dimensions of ${x}.`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Distinct non-negative axes in rising order; all axes when none are given. */
export function normaliseAxes(op: string, x: Tensor, axes: readonly number[] | undefined, rank = x.rank): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const result = axes.map((axis) => normaliseAxis(op, x, axis, rank)).sort((a, b) => a - b);
  if (new Set(result).size !== result.length) {
    throw opError(x.graph, op, `axes [${axes.join(", ")}] of ${x} name a dimension twice.`);
  }
  return result;
}

/** int64 constant of rank 1, the form ONNX takes axes, shapes and indices in. */
export const int64s = (graph: Graph, values: readonly number[]): Tensor =>
  graph.constant(values, [values.length], "int64");
