/** Squares of pixels as channels and back, exactly invertible (Shi et al. 2016). */
import type { Tensor } from "@distillery/shared/onnx/graph";
import { reshape, transpose } from "@distillery/shared/onnx/ops";

/** [B, C, H, W] -> [B, C size^2, H / size, W / size] */
export function toPatches(x: Tensor, size: number): Tensor {
  if (size === 1) return x;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const cut = reshape(x, [batch, channels, height / size, size, width / size, size]);
  return reshape(transpose(cut, [0, 1, 3, 5, 2, 4]), [batch, channels * size * size, height / size, width / size]);
}

/** [B, C size^2, H, W] -> [B, C, H size, W size] */
export function fromPatches(x: Tensor, size: number): Tensor {
  if (size === 1) return x;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const cut = reshape(x, [batch, channels / (size * size), size, size, height, width]);
  return reshape(transpose(cut, [0, 1, 4, 2, 5, 3]), [batch, channels / (size * size), height * size, width * size]);
}
