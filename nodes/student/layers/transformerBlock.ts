import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, gelu, matMul, mul, reshape, softmax, split, transpose } from "@distillery/shared/onnx/ops";
import { layerNorm } from "./layerNorm";
import { linear } from "./linear";

/** Width of the hidden layer, as a multiple of the tokens' own. */
const EXPANSION = 4;

/**
 * Pre-norm transformer block: x + attention(norm(x)), then x + MLP(norm(x)) with GELU. [B, N, C] -> same shape.
 * Parameters are named and laid out as in timm's vision transformers (Dosovitskiy et al. 2021).
 */
export function transformerBlock(view: ParameterView, path: string, x: Tensor, heads: number): Tensor {
  const attended = add(x, attention(view, `${path}.attn`, layerNorm(view, `${path}.norm1`, x), heads));
  const width = x.shape[2] as number;
  const hidden = gelu(perToken(view, `${path}.mlp.fc1`, layerNorm(view, `${path}.norm2`, attended), EXPANSION * width));
  return add(attended, perToken(view, `${path}.mlp.fc2`, hidden, width));
}

/**
 * Multi-head self-attention over tokens (Vaswani et al. 2017): [B, N, C] -> same shape. `gain` scales what the last
 * projection starts with.
 */
export function attention(
  view: ParameterView,
  path: string,
  x: Tensor,
  heads: number,
  { gain = 1 }: { gain?: number } = {},
): Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const size = width / heads;
  const [q, k, v] = split(perToken(view, `${path}.qkv`, x, 3 * width), { axis: 2, split: [width, width, width] }).map(
    (part) => reshape(part, [batch, tokens, heads, size]),
  ) as [Tensor, Tensor, Tensor];
  const scores = mul(matMul(transpose(q, [0, 2, 1, 3]), transpose(k, [0, 2, 3, 1])), 1 / Math.sqrt(size));
  const mixed = matMul(softmax(scores), transpose(v, [0, 2, 1, 3]));
  return perToken(view, `${path}.proj`, reshape(transpose(mixed, [0, 2, 1, 3]), x.shape), width, { gain });
}

/** The same linear layer for every token: [B, N, in] -> [B, N, outputs]. */
export function perToken(
  view: ParameterView,
  path: string,
  x: Tensor,
  outputs: number,
  options: { gain?: number } = {},
): Tensor {
  const [batch, tokens, inputs] = x.shape as [number, number, number];
  const flat = reshape(x, [batch * tokens, inputs]);
  return reshape(linear(view, path, flat, outputs, options), [batch, tokens, outputs]);
}
