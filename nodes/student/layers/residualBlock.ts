import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, reshape, silu } from "@distillery/shared/onnx/ops";
import { conv } from "./conv";
import { groupNorm } from "./groupNorm";
import { linear } from "./linear";

/**
 * Norm, SiLU, convolution, twice, with the embedding (if any) added between (Ho et al. 2020):
 * [B, C, H, W] -> [B, channels, H, W].
 */
export function residualBlock(
  view: ParameterView,
  path: string,
  x: Tensor,
  embedding: Tensor | null,
  channels: number,
  groups: number,
): Tensor {
  const first = conv(view, `${path}.conv1`, silu(groupNorm(view, `${path}.norm1`, x, groups)), channels);
  const shift = embedding && linear(view, `${path}.embedding`, silu(embedding), channels);
  const told = shift ? add(first, reshape(shift, [-1, channels, 1, 1])) : first;
  const second = conv(view, `${path}.conv2`, silu(groupNorm(view, `${path}.norm2`, told, groups)), channels);
  const skip = x.shape[1] === channels ? x : conv(view, `${path}.skip`, x, channels, { kernel: 1 });
  return add(skip, second);
}
