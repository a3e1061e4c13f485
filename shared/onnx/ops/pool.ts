/** Pooling over the spatial axes. */
import type { Tensor } from "../graph";
import { int } from "./build";
import { checkSpatial, makeWindow, type WindowOptions, windowAttributes, windowPositions } from "./window";

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
  checkSpatial("AveragePool", x);
  const window = makeWindow(x.graph, "AveragePool", options.kernelShape, options);
  const shape = [...x.shape.slice(0, 2), ...windowPositions("AveragePool", x, window, options.ceilMode)];
  return x.graph.add("AveragePool", [x], [{ dtype: x.dtype, shape }], {
    ...windowAttributes(window),
    ceil_mode: int(options.ceilMode ? 1 : 0),
    count_include_pad: int(options.countIncludePad ? 1 : 0),
  })[0]!;
}

/** ONNX MaxPool: the maximum of each window. [N, C, ...spatial] -> [N, C, ...positions]. */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => maxPoolOutputs(x, options, false)[0]!;

/** MaxPool with the flat position of each maximum in the whole of x (int64), the first one where several are equal. */
export function maxPoolWithIndices(x: Tensor, options: PoolOptions): { values: Tensor; indices: Tensor } {
  const [values, indices] = maxPoolOutputs(x, options, true);
  return { values: values!, indices: indices! };
}

function maxPoolOutputs(x: Tensor, options: PoolOptions, withIndices: boolean): Tensor[] {
  checkSpatial("MaxPool", x);
  const window = makeWindow(x.graph, "MaxPool", options.kernelShape, options);
  const shape = [...x.shape.slice(0, 2), ...windowPositions("MaxPool", x, window, options.ceilMode)];
  const indices = withIndices ? [{ dtype: "int64" as const, shape }] : [];
  return x.graph.add("MaxPool", [x], [{ dtype: x.dtype, shape }, ...indices], {
    ...windowAttributes(window),
    ceil_mode: int(options.ceilMode ? 1 : 0),
  });
}

/** ONNX GlobalAveragePool: the mean over all spatial axes. [N, C, ...spatial] -> [N, C, 1, ...]. */
export function globalAveragePool(x: Tensor): Tensor {
  checkSpatial("GlobalAveragePool", x);
  const shape = x.shape.map((size, i) => (i < 2 ? size : 1));
  return x.graph.add("GlobalAveragePool", [x], [{ dtype: x.dtype, shape }])[0]!;
}
