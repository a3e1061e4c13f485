/** How neighbouring frames match: scalar products of their channels at two positions, over sqrt(C) (Xu et al. 2022, GMFlow). */
import type { Tensor } from "@distillery/shared/onnx/graph";
import { gather, matMul, mul, reshape, slice, transpose } from "@distillery/shared/onnx/ops";

/** Largest displacement of the local correlation, each way. */
export const RADIUS = 7;

/** All pairs of positions: clips [B, F, C, H, W] -> [B, F - 1, H W, H W], rows in frame f, columns in frame f + 1. */
export function globalCorrelation(clips: Tensor): Tensor {
  const [batch = 1, frames = 1, channels = 1, height = 1, width = 1] = clips.shape;
  const flat = reshape(clips, [batch, frames, channels, height * width]);
  const part = (from: number) => slice(flat, { starts: [from], ends: [from + frames - 1], axes: [1] });
  return mul(matMul(transpose(part(0), [0, 1, 3, 2]), part(1)), 1 / Math.sqrt(channels));
}

/**
 * Only displacements of up to `radius` rows and columns: [B, F - 1, H W, (2 radius + 1)^2]. Those out of the frame are 0: the
 * same on both sides of a distance, as the released code's -1e9 is.
 */
export function localCorrelation(clips: Tensor, radius: number): Tensor {
  const [batch = 1, frames = 1, , height = 1, width = 1] = clips.shape;
  const positions = height * width;
  const side = 2 * radius + 1;
  const places: number[] = [];
  const isInside: number[] = [];
  for (let at = 0; at < positions; at++) {
    for (let shift = 0; shift < side * side; shift++) {
      const row = Math.floor(at / width) + Math.floor(shift / side) - radius;
      const column = (at % width) + (shift % side) - radius;
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      places.push(at * positions + (inside ? row * width + column : at));
      isInside.push(inside ? 1 : 0);
    }
  }
  const pairs = reshape(globalCorrelation(clips), [batch * (frames - 1), positions * positions]);
  const picked = gather(pairs, clips.graph.constant(places, [places.length], "int64"), { axis: 1 });
  const inside = mul(picked, clips.graph.constant(isInside, [1, isInside.length]));
  return reshape(inside, [batch, frames - 1, positions, side * side]);
}
