/** Images to another size inside a graph: one constant matrix per side, so that gradients flow by the rule of MatMul. */
import type { Tensor } from "@distillery/shared/onnx/graph";
import { matMul } from "@distillery/shared/onnx/ops";

export const RESIZE_MODES = ["area", "bilinear", "bicubic"] as const;
export type ResizeMode = (typeof RESIZE_MODES)[number];

/** [B, C, H, W] -> [B, C, height, width]; x itself when it has that size. */
export function resample(x: Tensor, [height, width]: readonly [number, number], mode: ResizeMode): Tensor {
  const [fromHeight = 1, fromWidth = 1] = x.shape.slice(2);
  const { graph } = x;
  let y = x;
  if (fromHeight !== height) y = matMul(graph.constant(axisWeights(fromHeight, height, mode), [height, fromHeight]), y);
  if (fromWidth !== width) {
    const columns = transposed(axisWeights(fromWidth, width, mode), width, fromWidth);
    y = matMul(y, graph.constant(columns, [fromWidth, width]));
  }
  return y;
}

/**
 * How much each new position takes of each old one, row-major [to, from], as PyTorch's `interpolate` does it:
 * area is adaptive average pooling; bilinear and bicubic (a = -0.75) are without align_corners and without antialiasing.
 */
export function axisWeights(from: number, to: number, mode: ResizeMode): number[] {
  const weights = new Array<number>(to * from).fill(0);
  for (let row = 0; row < to; row++) {
    for (const [at, weight] of taps(row, from, to, mode)) {
      const index = row * from + Math.min(Math.max(at, 0), from - 1);
      weights[index] = (weights[index] as number) + weight;
    }
  }
  return weights;
}

function taps(row: number, from: number, to: number, mode: ResizeMode): [position: number, weight: number][] {
  if (mode === "area") {
    const first = Math.floor((row * from) / to);
    const count = Math.ceil(((row + 1) * from) / to) - first;
    return Array.from({ length: count }, (_, i) => [first + i, 1 / count]);
  }
  const centre = ((row + 0.5) * from) / to - 0.5;
  // Linear interpolation does not look beyond the border, cubic does.
  const at = mode === "bilinear" ? Math.max(centre, 0) : centre;
  const low = Math.floor(at);
  if (mode === "bilinear") {
    return [
      [low, 1 - (at - low)],
      [low + 1, at - low],
    ];
  }
  return [-1, 0, 1, 2].map((offset) => [low + offset, cubic(Math.abs(at - low - offset))]);
}

/** The cubic convolution kernel at distance d (Keys 1981) with a = -0.75. */
function cubic(d: number): number {
  const a = -0.75;
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

const transposed = (values: readonly number[], rows: number, columns: number): number[] =>
  Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number);
