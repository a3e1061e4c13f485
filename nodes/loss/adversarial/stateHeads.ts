/** Discriminator heads on maps [B, C, H, W] inside a diffusion network: one or more per hooked layer, each with weights of its own. */
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, conv as convOp, gelu, leakyRelu, silu } from "@distillery/shared/onnx/ops";
import { conv } from "../../student/layers/conv";
import { groupNorm } from "../../student/layers/groupNorm";
import { fanIn } from "../../student/layers/initialise";

export const STATE_HEADS = ["map", "single"] as const;
export const ACTIVATIONS = ["leaky-relu", "gelu"] as const;

export interface StateHeadOptions {
  readonly head: (typeof STATE_HEADS)[number];
  /** map only: side of both blocks' convolutions. */
  readonly kernel: number;
  /** map only; leaky-relu has PyTorch's slope of 0.01. */
  readonly activation: (typeof ACTIVATIONS)[number];
  /** Of each normalisation; fewer where they do not divide the channels. */
  readonly groups: number;
}

/** Features [B, C, H, W] to logits: [B, 1, H, W] of a map, [B, 1, 1, 1] of a single head. */
export function stateHead(view: ParameterView, path: string, features: Tensor, options: StateHeadOptions): Tensor {
  return options.head === "map" ? mapHead(view, path, features, options) : singleHead(view, path, features, options);
}

/**
 * PCM's head: h = block(x); logits = conv1x1(block(h) + h); block = convolution of the layer's own width, GroupNorm,
 * activation (released code: LeakyReLU, to save memory; paper: GELU).
 */
function mapHead(view: ParameterView, path: string, x: Tensor, { kernel, activation, groups }: StateHeadOptions) {
  const block = (name: string, h: Tensor): Tensor => {
    const mapped = conv(view, `${path}.${name}.conv`, h, x.shape[1] as number, { kernel });
    const normed = groupNorm(view, `${path}.${name}.norm`, mapped, groups);
    return activation === "gelu" ? gelu(normed) : leakyRelu(normed);
  };
  const h = block("0", x);
  return conv(view, `${path}.out`, add(block("1", h), h), 1, { kernel: 1 });
}

/**
 * SDXL-Lightning's head: 4x4 convolutions of stride 2 with GroupNorm and SiLU, each halving the sides, until one position is
 * left; a 1x1 convolution makes it one value. The layer's width is kept throughout (the paper prints none).
 */
function singleHead(view: ParameterView, path: string, x: Tensor, { groups }: StateHeadOptions): Tensor {
  const channels = x.shape[1] as number;
  let h = x;
  for (let level = 0; h.shape.slice(2).some((side) => side > 1); level++) {
    // A side that has come down to 1 before the other stays there.
    const along = h.shape
      .slice(2)
      .map((side) => (side > 1 ? { size: 4, stride: 2, pad: 1 } : { size: 1, stride: 1, pad: 0 }));
    const size = along.map((axis) => axis.size);
    const fan = size.reduce((product, d) => product * d, channels);
    const parameter = (name: string, shape: number[]) =>
      view(`${path}.${level}.conv.${name}`, { shape, init: fanIn(fan) });
    const pads = along.map(({ pad }) => pad);
    const halved = convOp(h, parameter("weight", [channels, channels, ...size]), parameter("bias", [channels]), {
      strides: along.map(({ stride }) => stride),
      pads: [...pads, ...pads],
    });
    h = silu(groupNorm(view, `${path}.${level}.norm`, halved, groups));
  }
  return conv(view, `${path}.out`, h, 1, { kernel: 1 });
}
