/** Pooling over the spatial axes. */
import type { Tensor } from "../graph";
import { int } from "./build";
import { slice } from "./shape";
import {
  checkSpatial,
  makeWindow,
  type Window,
  type WindowOptions,
  windowAttributes,
  windowPositions,
  windowSpan,
} from "./window";

export interface PoolOptions extends WindowOptions {
  readonly kernelShape: readonly number[];
  /** Rounds the number of positions up instead of down; default false. */
  readonly ceilMode?: boolean;
}

export interface AveragePoolOptions extends PoolOptions {
  /** Counts padding zeros in the mean; default false. */
  readonly countIncludePad?: boolean;
}

/** ONNX AveragePool: the mean of each window. [N, C, ...spatial] -> [N, C, ...positions]. */
export function averagePool(x: Tensor, options: AveragePoolOptions): Tensor {
  const { seen, window, shape } = fit("AveragePool", x, options);
  return x.graph.add("AveragePool", [seen], [{ dtype: x.dtype, shape }], {
    ...windowAttributes(window),
    ceil_mode: int(options.ceilMode ? 1 : 0),
    count_include_pad: int(options.countIncludePad ? 1 : 0),
  })[0]!;
}

/** ONNX MaxPool: the maximum of each window. [N, C, ...spatial] -> [N, C, ...positions]. */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => maxPoolOutputs(x, options, false)[0]!;

/** MaxPool with the flat position of each maximum in the whole pooled tensor (int64), the first one where several are equal. */
export function maxPoolWithIndices(x: Tensor, options: PoolOptions): { values: Tensor; indices: Tensor } {
  const [values, indices] = maxPoolOutputs(x, options, true);
  return { values: values!, indices: indices! };
}

function maxPoolOutputs(x: Tensor, options: PoolOptions, withIndices: boolean): Tensor[] {
  const { seen, window, shape } = fit("MaxPool", x, options);
  const indices = withIndices ? [{ dtype: "int64" as const, shape }] : [];
  return x.graph.add("MaxPool", [seen], [{ dtype: x.dtype, shape }, ...indices], {
    ...windowAttributes(window),
    ceil_mode: int(options.ceilMode ? 1 : 0),
  });
}

/**
 * The window with what no position sees cut off. Rounding up, a last window that would start in the padding is dropped
 * when pooling runs, but ONNX's shape inference still counts it; without the unseen end both agree.
 */
function fit(op: string, x: Tensor, options: PoolOptions): { seen: Tensor; window: Window; shape: number[] } {
  checkSpatial(op, x);
  const window = makeWindow(x.graph, op, options.kernelShape, options);
  const positions = windowPositions(op, x, window, options.ceilMode);
  const excess = positions.map((count, i) => {
    const used = (count - 1) * window.strides[i]! + windowSpan(window, i);
    return Math.max(0, x.shape[i + 2]! + window.padsBegin[i]! + window.padsEnd[i]! - used);
  });
  const padsEnd = window.padsEnd.map((pad, i) => Math.max(0, pad - excess[i]!));
  const axes = x.shape.flatMap((_, i) => (i >= 2 && excess[i - 2]! > window.padsEnd[i - 2]! ? [i] : []));
  const ends = axes.map((axis) => x.shape[axis]! - excess[axis - 2]! + window.padsEnd[axis - 2]!);
  const cut = options.ceilMode === true && excess.some((n) => n > 0);
  return {
    seen: cut ? slice(x, { starts: axes.map(() => 0), ends, axes }) : x,
    window: cut ? { ...window, padsEnd } : window,
    shape: [...x.shape.slice(0, 2), ...positions],
  };
}

/** ONNX GlobalAveragePool: the mean over all spatial axes. [N, C, ...spatial] -> [N, C, 1, ...]. */
export function globalAveragePool(x: Tensor): Tensor {
  checkSpatial("GlobalAveragePool", x);
  const shape = x.shape.map((size, i) => (i < 2 ? size : 1));
  return x.graph.add("GlobalAveragePool", [x], [{ dtype: x.dtype, shape }])[0]!;
}
