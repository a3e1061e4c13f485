/** Resampling on a grid: ONNX Resize with nearest and linear interpolation, and its weights as matrices. */
import { formatShape, type Tensor } from "../graph";
import { opError, string } from "./build";

export type ResizeMode = "nearest" | "linear";
export type CoordinateMode = "asymmetric" | "half_pixel" | "pytorch_half_pixel" | "align_corners";
export type NearestMode = "floor" | "ceil" | "round_prefer_floor" | "round_prefer_ceil";

export interface ResizeOptions {
  /** Output size of every axis; or give `scales`. */
  readonly sizes?: readonly number[];
  /** Factor of every axis; the output size is floor(size * scale). */
  readonly scales?: readonly number[];
  readonly mode?: ResizeMode;
  readonly coordinateMode?: CoordinateMode;
  readonly nearestMode?: NearestMode;
}

/** How Resize maps one axis: sizes before and after, and the factor used for coordinates. */
export interface AxisResize {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/**
 * ONNX Resize. The defaults, nearest with asymmetric coordinates and floor, are PyTorch's `interpolate(mode="nearest")`;
 * PyTorch's bilinear is mode linear with pytorch_half_pixel (align_corners=False) or align_corners coordinates.
 * Throws GraphError when sizes or scales do not name every axis.
 */
export function resize(x: Tensor, options: ResizeOptions): Tensor {
  const { sizes, scales, mode = "nearest", coordinateMode = "asymmetric", nearestMode = "floor" } = options;
  const given = sizes ?? scales ?? [];
  if ((sizes === undefined) === (scales === undefined) || given.length !== x.rank) {
    throw opError(
      x.graph,
      "Resize",
      `give either sizes or scales, one for each axis of ${formatShape(x.shape)}, got ${formatShape(given)}.`,
    );
  }
  const shape = sizes ?? x.shape.map((size, i) => Math.floor(size * scales![i]!));
  const inputs = scales
    ? [x, null, x.graph.constant(scales, [x.rank])]
    : [x, null, null, x.graph.constant(shape, [x.rank], "int64")];
  return x.graph.add("Resize", inputs, [{ dtype: x.dtype, shape }], {
    mode: string(mode),
    coordinate_transformation_mode: string(coordinateMode),
    nearest_mode: string(nearestMode),
  })[0]!;
}

/** Nearest upsampling of the spatial axes by a whole factor. [N, C, H, W] -> [N, C, H * factor, W * factor]. */
export const upsampleNearest = (x: Tensor, factor: number): Tensor =>
  resize(x, { scales: x.shape.map((_, i) => (i < 2 ? 1 : factor)) });

/**
 * The weights of one axis as a row-major matrix [to, from]: output = matrix * input along that axis (ONNX operator
 * reference, Resize).
 */
export function resizeMatrix(
  axis: AxisResize,
  mode: ResizeMode,
  coordinateMode: CoordinateMode,
  nearestMode: NearestMode,
): number[] {
  const { from, to } = axis;
  const matrix = new Array<number>(to * from).fill(0);
  const add = (row: number, column: number, weight: number) => {
    matrix[row * from + Math.min(Math.max(column, 0), from - 1)]! += weight;
  };
  for (let row = 0; row < to; row++) {
    const at = sourceCoordinate(row, axis, coordinateMode);
    if (mode === "nearest") {
      add(row, nearest(at, nearestMode), 1);
    } else {
      const low = Math.floor(at);
      add(row, low, 1 - (at - low));
      add(row, low + 1, at - low);
    }
  }
  return matrix;
}

function sourceCoordinate(row: number, { from, to, scale }: AxisResize, mode: CoordinateMode): number {
  switch (mode) {
    case "asymmetric":
      return row / scale;
    case "half_pixel":
      return (row + 0.5) / scale - 0.5;
    case "pytorch_half_pixel":
      return to > 1 ? (row + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      return to > 1 ? (row * (from - 1)) / (to - 1) : 0;
  }
}

function nearest(at: number, mode: NearestMode): number {
  switch (mode) {
    case "floor":
      return Math.floor(at);
    case "ceil":
      return Math.ceil(at);
    case "round_prefer_floor":
      return Math.ceil(at - 0.5);
    case "round_prefer_ceil":
      return Math.floor(at + 0.5);
  }
}
