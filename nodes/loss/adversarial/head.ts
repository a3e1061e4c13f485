/** Discriminator heads: one per hooked layer of a frozen encoder, each with weights of its own (Sauer et al. 2023, StyleGAN-T). */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import {
  add,
  concat,
  conv,
  div,
  leakyRelu,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  sqrt,
  square,
  sub,
} from "@distillery/shared/onnx/ops";
import { fanIn } from "../../student/layers/initialise";
import { linear } from "../../student/layers/linear";
import { spectralWeight } from "./spectralNorm";

export interface HeadOptions {
  /** Channels inside; 0: as many as the hooked layer has. */
  readonly width: number;
  /** Positions that the residual block looks at; made smaller where a layer has fewer. */
  readonly kernel: number;
  /** Channels that are compared with the condition. */
  readonly projection: number;
  /** Samples normalised together. */
  readonly virtualBatch: number;
}

/** Features [B, channels, positions] and, where there is a condition, its embedding [B, E] -> logits [B, positions]. */
export type Head = (features: Tensor, embedding: Tensor | null) => Tensor;

/**
 * main: block(1) -> (block(kernel) + identity) / sqrt(2), with block = SN convolution, BatchNormLocal, LeakyReLU(0.2);
 * cls: SN convolution to `projection` channels e; logits = sum(e * m) / sqrt(projection) with m a linear map of the
 * condition's embedding (projection discriminator, Miyato & Koyama 2018). Unconditional: cls has one channel, the logits.
 * The weights are normalised once, however often the head is applied.
 */
export function makeHead(
  view: ParameterView,
  path: string,
  like: Tensor,
  conditional: boolean,
  { width, kernel, projection, virtualBatch }: HeadOptions,
  context: StageContext,
): Head {
  const [, channels = 1, positions = 1] = like.shape;
  const inner = width === 0 ? channels : width;
  const first = block(view, `${path}.main.0`, channels, inner, 1, virtualBatch, context);
  const second = block(view, `${path}.main.1`, inner, inner, oddUpTo(kernel, positions), virtualBatch, context);
  const outputs = conditional ? projection : 1;
  const weight = spectralWeight(view, `${path}.cls`, [outputs, inner, 1], context);
  const bias = view(`${path}.cls.bias`, { shape: [outputs], init: fanIn(inner) });
  return (features, embedding) => {
    const h = first(features);
    const scores = conv(mul(add(second(h), h), Math.SQRT1_2), weight, bias);
    if (embedding === null) return reshape(scores, [-1, positions]);
    const map = reshape(linear(view, `${path}.map`, embedding, projection), [-1, projection, 1]);
    return mul(reduceSum(mul(scores, map), { axes: [1], keepdims: false }), 1 / Math.sqrt(projection));
  };
}

/** The largest odd kernel that is at most `wanted` and fits `positions`. */
export function oddUpTo(wanted: number, positions: number): number {
  const most = Math.min(wanted, positions);
  return most % 2 === 1 ? most : most - 1;
}

/** The convolution has no bias: the normalisation after it would take it out again. */
function block(
  view: ParameterView,
  path: string,
  channels: number,
  outputs: number,
  kernel: number,
  virtualBatch: number,
  context: StageContext,
) {
  const weight = spectralWeight(view, `${path}.conv`, [outputs, channels, kernel], context);
  const scale = view(`${path}.norm.weight`, { shape: [outputs], init: { kind: "ones" } });
  const shift = view(`${path}.norm.bias`, { shape: [outputs], init: { kind: "zeros" } });
  return (x: Tensor): Tensor =>
    leakyRelu(batchNormLocal(conv(circular(x, (kernel - 1) / 2), weight), scale, shift, virtualBatch), { alpha: 0.2 });
}

/** [B, C, P] with its last `size` positions before and its first ones after. */
function circular(x: Tensor, size: number): Tensor {
  if (size === 0) return x;
  const positions = x.shape[2] as number;
  const cut = (start: number, end: number) => slice(x, { starts: [start], ends: [end], axes: [2] });
  return concat([cut(positions - size, positions), x, cut(0, size)], { axis: 2 });
}

/** How many equal groups of consecutive samples a batch is normalised in. */
export const groupsOf = (batch: number, virtualBatch: number): number => Math.ceil(batch / virtualBatch);

/**
 * Normalises every channel over the positions and the samples of a virtual batch, training or not: no running statistics
 * (Sauer et al. 2021). x [B, C, P], scale and shift [C].
 */
export function batchNormLocal(x: Tensor, scale: Tensor, shift: Tensor, virtualBatch: number): Tensor {
  const [batch, channels, positions] = x.shape as [number, number, number];
  const grouped = reshape(x, [groupsOf(batch, virtualBatch), -1, channels, positions]);
  const centred = sub(grouped, reduceMean(grouped, { axes: [1, 3] }));
  const deviation = sqrt(add(reduceMean(square(centred), { axes: [1, 3] }), 1e-5));
  const normalised = reshape(div(centred, deviation), x.shape);
  return add(mul(normalised, reshape(scale, [channels, 1])), reshape(shift, [channels, 1]));
}
