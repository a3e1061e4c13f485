/** Operators that rearrange axes and sizes. */
import { type DType, formatShape, type Graph, sizeOf, type Tensor } from "../graph";
import { broadcast, emit, int, int64s, ints, normaliseAxes, normaliseAxis, opError, sameType, scalar } from "./build";

/** The same elements in a new shape; one dimension may be -1. x itself when nothing changes. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const known = shape.filter((d) => d !== -1);
  const rest = x.size / sizeOf(known);
  const full = shape.map((d) => (d === -1 ? rest : d));
  if (shape.length - known.length > 1 || sizeOf(full) !== x.size || !Number.isInteger(rest)) {
    throw opError(x.graph, "Reshape", `${x} has ${x.size} elements and does not fit ${formatShape(shape)}.`);
  }
  if (full.join() === x.shape.join()) return x;
  return emit("Reshape", [x, int64s(x.graph, full)], { dtype: x.dtype, shape: full });
}

/** Axis i of the result is axis perm[i] of x; reversed axes when `perm` is left out. x itself when nothing moves. */
export function transpose(x: Tensor, perm: readonly number[] = x.shape.map((_, i) => x.rank - 1 - i)): Tensor {
  if (perm.length !== x.rank || [...perm].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
    throw opError(x.graph, "Transpose", `[${perm.join(", ")}] is no order of the ${x.rank} axes of ${x}.`);
  }
  if (perm.every((axis, i) => axis === i)) return x;
  return emit("Transpose", [x], { dtype: x.dtype, shape: perm.map((axis) => x.shape[axis]!) }, { perm: ints(perm) });
}

/** Joins tensors along `axis`; all other dimensions must agree. */
export function concat(tensors: readonly Tensor[], { axis }: { axis: number }): Tensor {
  const first = tensors[0];
  if (first === undefined) throw new RangeError("Concat: nothing to join.");
  if (tensors.length === 1) return first;
  sameType("Concat", tensors);
  const along = normaliseAxis("Concat", first, axis);
  for (const other of tensors) {
    if (other.rank !== first.rank || other.shape.some((d, i) => i !== along && d !== first.shape[i])) {
      throw opError(
        first.graph,
        "Concat",
        `shapes ${formatShape(first.shape)} and ${formatShape(other.shape)} do not join along axis ${along}.`,
      );
    }
  }
  const total = tensors.reduce((sum, tensor) => sum + tensor.shape[along]!, 0);
  return emit("Concat", tensors, { dtype: first.dtype, shape: first.shape.with(along, total) }, { axis: int(along) });
}

/** Cuts x along `axis` into pieces of the sizes in `split`. */
export function split(x: Tensor, { axis = 0, split }: { axis?: number; split: readonly number[] }): Tensor[] {
  const along = normaliseAxis("Split", x, axis);
  if (split.reduce((sum, n) => sum + n, 0) !== x.shape[along]) {
    throw opError(x.graph, "Split", `pieces [${split.join(", ")}] do not add up to axis ${along} of ${x}.`);
  }
  if (split.length === 1) return [x];
  const outputs = split.map((n) => ({ dtype: x.dtype, shape: x.shape.with(along, n) }));
  return x.graph.add("Split", [x, int64s(x.graph, split)], outputs, { axis: int(along) });
}

export interface SliceOptions {
  readonly starts: readonly number[];
  /** Exclusive; negative values count from the end, values past the end are cut. */
  readonly ends: readonly number[];
  /** Default: the first axes. */
  readonly axes?: readonly number[];
  /** Default 1; may be negative. */
  readonly steps?: readonly number[];
}

/** Part of x along some axes, as Python's x[start:end:step]. */
export function slice(x: Tensor, { starts, ends, axes = starts.map((_, i) => i), steps }: SliceOptions): Tensor {
  const strides = steps ?? starts.map(() => 1);
  if ([ends, axes, strides].some((list) => list.length !== starts.length) || strides.includes(0)) {
    throw opError(
      x.graph,
      "Slice",
      `starts, ends, axes and steps must agree in length and steps must not be 0, for ${x}.`,
    );
  }
  const along = axes.map((axis) => normaliseAxis("Slice", x, axis));
  const shape = [...x.shape];
  along.forEach((axis, i) => {
    shape[axis] = sliceRange(x.shape[axis]!, starts[i]!, ends[i]!, strides[i]!).count;
  });
  if (shape.join() === x.shape.join() && strides.every((step) => step === 1)) return x;
  const lists = [starts, ends, along, ...(steps === undefined ? [] : [strides])];
  return emit("Slice", [x, ...lists.map((list) => int64s(x.graph, list))], { dtype: x.dtype, shape });
}

/** The positions that a slice takes from an axis of size `n`. */
export function sliceIndices(n: number, start: number, end: number, step: number): number[] {
  const { first, count } = sliceRange(n, start, end, step);
  return Array.from({ length: count }, (_, i) => first + i * step);
}

/** Where they begin, and how many they are. */
function sliceRange(n: number, start: number, end: number, step: number): { first: number; count: number } {
  const clamp = (i: number, low: number, high: number) => Math.min(Math.max(i < 0 ? i + n : i, low), high);
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const first = clamp(start, Math.max(low, 0), high);
  // An end of -1 with a negative step means the last element; anything below -n means "past the first".
  const last = step < 0 && end < -n ? -1 : clamp(end, low, high);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

/** x's entries at `indices` (int64 or int32, any shape) along `axis`: shape x[:axis] + indices + x[axis + 1:]. */
export function gather(x: Tensor, indices: Tensor, { axis = 0 }: { axis?: number } = {}): Tensor {
  integer("Gather", indices);
  const along = normaliseAxis("Gather", x, axis);
  const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
  return emit("Gather", [x, indices], { dtype: x.dtype, shape }, { axis: int(along) });
}

/** out[i][j] = x[indices[i][j]][j] for axis 0; the result has the shape of `indices`. */
export function gatherElements(x: Tensor, indices: Tensor, { axis = 0 }: { axis?: number } = {}): Tensor {
  integer("GatherElements", indices);
  sameRank("GatherElements", x, indices);
  const along = normaliseAxis("GatherElements", x, axis);
  return emit("GatherElements", [x, indices], { dtype: x.dtype, shape: indices.shape }, { axis: int(along) });
}

export type ScatterReduction = "none" | "add" | "mul" | "min" | "max";

/** A copy of x with `updates` written (or reduced) at `indices` along `axis`. */
export function scatterElements(
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  { axis = 0, reduction = "none" }: { axis?: number; reduction?: ScatterReduction } = {},
): Tensor {
  integer("ScatterElements", indices);
  sameRank("ScatterElements", x, indices);
  sameType("ScatterElements", [x, updates]);
  if (indices.shape.join() !== updates.shape.join()) {
    throw opError(
      x.graph,
      "ScatterElements",
      `indices ${formatShape(indices.shape)} and updates ${formatShape(updates.shape)} must have one shape.`,
    );
  }
  const attributes = {
    axis: int(normaliseAxis("ScatterElements", x, axis)),
    reduction: { kind: "string", value: reduction } as const,
  };
  return emit("ScatterElements", [x, indices, updates], x, attributes);
}

/** Repeats axes of size 1 (and adds leading axes) so that x has `shape`. */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  if (broadcast(x.shape, shape)?.join() !== shape.join()) {
    throw opError(x.graph, "Expand", `${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}.`);
  }
  if (x.shape.join() === shape.join()) return x;
  return emit("Expand", [x, int64s(x.graph, shape)], { dtype: x.dtype, shape });
}

/** Repeats x `repeats[i]` times along axis i. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length !== x.rank) {
    throw opError(x.graph, "Tile", `repeats [${repeats.join(", ")}] must have one entry for each axis of ${x}.`);
  }
  const shape = x.shape.map((d, i) => d * repeats[i]!);
  return emit("Tile", [x, int64s(x.graph, repeats)], { dtype: x.dtype, shape });
}

export type PadMode = "constant" | "reflect" | "edge" | "wrap";

/** Pads every axis: `pads` lists all beginnings, then all ends, as ONNX does; negative entries crop. */
export function pad(
  x: Tensor,
  pads: readonly number[],
  { mode = "constant", value = 0 }: { mode?: PadMode; value?: number } = {},
): Tensor {
  if (pads.length !== 2 * x.rank) {
    throw opError(x.graph, "Pad", `${pads.length} pads given, ${x} needs ${2 * x.rank}.`);
  }
  if (pads.every((p) => p === 0)) return x;
  const shape = x.shape.map((d, i) => d + pads[i]! + pads[i + x.rank]!);
  const inputs = [x, int64s(x.graph, pads), ...(value === 0 ? [] : [scalar(x.graph, value, x.dtype)])];
  return emit("Pad", inputs, { dtype: x.dtype, shape }, { mode: { kind: "string", value: mode } });
}

/** Removes axes of size 1 (all of them when `axes` is left out). */
export function squeeze(x: Tensor, axes?: readonly number[]): Tensor {
  const removed =
    axes === undefined ? x.shape.flatMap((d, i) => (d === 1 ? [i] : [])) : normaliseAxes("Squeeze", x, axes);
  const wide = removed.find((axis) => x.shape[axis] !== 1);
  if (wide !== undefined) throw opError(x.graph, "Squeeze", `axis ${wide} of ${x} is not of size 1.`);
  if (removed.length === 0) return x;
  const shape = x.shape.filter((_, i) => !removed.includes(i));
  return emit("Squeeze", [x, int64s(x.graph, removed)], { dtype: x.dtype, shape });
}

/** Adds axes of size 1 at the given positions of the result. */
export function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.rank + axes.length;
  const added = normaliseAxes("Unsqueeze", x, axes, rank);
  const shape = [...x.shape];
  for (const axis of added) shape.splice(axis, 0, 1);
  return emit("Unsqueeze", [x, int64s(x.graph, added)], { dtype: x.dtype, shape });
}

/** A matrix: axes before `axis` together, axes from it on together. */
export function flatten(x: Tensor, { axis = 1 }: { axis?: number } = {}): Tensor {
  const at = axis === x.rank ? axis : normaliseAxis("Flatten", x, axis);
  const shape = [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))];
  return emit("Flatten", [x], { dtype: x.dtype, shape }, { axis: int(at) });
}

/** A tensor of `shape` with one value everywhere, made at run time (folded once by ONNX Runtime). */
export const full = (graph: Graph, shape: readonly number[], value: number, dtype: DType = "float32"): Tensor =>
  expand(scalar(graph, value, dtype), shape);

export const zeros = (graph: Graph, shape: readonly number[], dtype: DType = "float32"): Tensor =>
  full(graph, shape, 0, dtype);

function integer(op: string, indices: Tensor): void {
  if (indices.dtype !== "int64" && indices.dtype !== "int32") {
    throw opError(indices.graph, op, `indices must be int64 or int32, got ${indices}.`);
  }
}

function sameRank(op: string, x: Tensor, indices: Tensor): void {
  if (x.rank !== indices.rank) {
    throw opError(
      x.graph,
      op,
      `x ${formatShape(x.shape)} and indices ${formatShape(indices.shape)} must have equal rank.`,
    );
  }
}
