import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, matMul, mul, reshape, softmax, split, transpose } from "@distillery/shared/onnx/ops";
import { conv } from "./conv";
import { groupNorm } from "./groupNorm";

/** Residual self-attention over all positions (Vaswani et al. 2017; Ho et al. 2020): [B, C, H, W] -> same shape. */
export function selfAttention(
  view: ParameterView,
  path: string,
  x: Tensor,
  { heads, groups }: { heads: number; groups: number },
): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const positions = height * width;
  const size = channels / heads;
  const qkv = conv(view, `${path}.qkv`, groupNorm(view, `${path}.norm`, x, groups), 3 * channels, { kernel: 1 });
  const perHead = (part: Tensor) => reshape(part, [batch, heads, size, positions]);
  const [q, k, v] = split(qkv, { axis: 1, split: [channels, channels, channels] }).map(perHead) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const scores = mul(matMul(transpose(q, [0, 1, 3, 2]), k), 1 / Math.sqrt(size));
  const mixed = matMul(v, transpose(softmax(scores), [0, 1, 3, 2]));
  return add(x, conv(view, `${path}.out`, reshape(mixed, x.shape), channels, { kernel: 1 }));
}
