/** Reductions over axes, softmax and its logarithm. */
import { formatShape, type Tensor } from "../graph";
import { emit, int, int64s, normaliseAxes, normaliseAxis, opError } from "./build";

export interface ReduceOptions {
  /** Axes to reduce; all when left out. Negative ones count from the end. */
  readonly axes?: readonly number[];
  /** Keep reduced axes with size 1 (ONNX's default). */
  readonly keepdims?: boolean;
}

const reduction =
  (op: string) =>
  (x: Tensor, { axes, keepdims = true }: ReduceOptions = {}): Tensor => {
    const reduced = normaliseAxes(op, x, axes);
    if (reduced.length === 0) return x;
    const shape = keepdims
      ? x.shape.map((d, i) => (reduced.includes(i) ? 1 : d))
      : x.shape.filter((_, i) => !reduced.includes(i));
    return emit(op, [x, int64s(x.graph, reduced)], { dtype: x.dtype, shape }, { keepdims: int(keepdims ? 1 : 0) });
  };

export const reduceSum = reduction("ReduceSum");
export const reduceMean = reduction("ReduceMean");
export const reduceMax = reduction("ReduceMax");
export const reduceMin = reduction("ReduceMin");
/** Euclidean norm over the axes. No axes left (a scalar x) is refused, since |x| is then `abs`. */
export const reduceL2 = (x: Tensor, options: ReduceOptions = {}): Tensor => nonEmpty("ReduceL2", x, options);
/** Sum of squares over the axes. */
export const reduceSumSquare = (x: Tensor, options: ReduceOptions = {}): Tensor =>
  nonEmpty("ReduceSumSquare", x, options);
/** log(sum(exp(x))) over the axes. */
export const reduceLogSumExp = reduction("ReduceLogSumExp");

function nonEmpty(op: string, x: Tensor, options: ReduceOptions): Tensor {
  if (normaliseAxes(op, x, options.axes).length === 0) {
    throw opError(x.graph, op, `needs at least one axis, x has shape ${formatShape(x.shape)}.`);
  }
  return reduction(op)(x, options);
}

const arg =
  (op: string) =>
  /** int64 index of the extreme value along `axis`, the first one on ties. */
  (x: Tensor, { axis = 0, keepdims = true }: { axis?: number; keepdims?: boolean } = {}): Tensor => {
    const along = normaliseAxis(op, x, axis);
    const shape = keepdims ? x.shape.with(along, 1) : x.shape.filter((_, i) => i !== along);
    return emit(op, [x], { dtype: "int64", shape }, { axis: int(along), keepdims: int(keepdims ? 1 : 0) });
  };

export const argMax = arg("ArgMax");
export const argMin = arg("ArgMin");

/** The k largest values along the last axis, falling. */
export function topK(x: Tensor, k: number): Tensor {
  const shape = x.shape.with(-1, k);
  const found = [
    { dtype: x.dtype, shape },
    { dtype: "int64" as const, shape },
  ];
  return x.graph.add("TopK", [x, int64s(x.graph, [k])], found, { axis: int(-1), largest: int(1), sorted: int(1) })[0]!;
}

/** exp(x) / sum(exp(x)) along `axis`. */
export const softmax = (x: Tensor, { axis = -1 }: { axis?: number } = {}): Tensor =>
  emit("Softmax", [x], x, { axis: int(normaliseAxis("Softmax", x, axis)) });

/** log(softmax(x)) along `axis`. */
export const logSoftmax = (x: Tensor, { axis = -1 }: { axis?: number } = {}): Tensor =>
  emit("LogSoftmax", [x], x, { axis: int(normaliseAxis("LogSoftmax", x, axis)) });
