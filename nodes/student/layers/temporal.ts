/**
 * Layers along the frames of a clip, put between the spatial layers of an image network (Guo et al. 2024, AnimateDiff:
 * attention; Wang et al. 2023, ModelScope: convolution). Both end in a projection that starts at zero, so at first the
 * image network is what it was.
 */
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, conv as convOp, reshape, silu, transpose } from "@distillery/shared/onnx/ops";
import { groupNorm } from "./groupNorm";
import { fanIn } from "./initialise";
import { layerNorm } from "./layerNorm";
import { attention } from "./transformerBlock";

const KERNEL = 3;

export interface TemporalOptions {
  readonly frames: number;
  readonly heads: number;
  readonly groups: number;
}

/** h + conv(SiLU(norm(h))) over frames f - 1, f, f + 1 at every position: [B F, C, H, W] -> same shape. */
export function temporalConvolution(
  view: ParameterView,
  path: string,
  h: Tensor,
  { frames, groups }: TemporalOptions,
): Tensor {
  const [images, channels, height, width] = h.shape as [number, number, number, number];
  const clips = images / frames;
  const volume = transpose(reshape(h, [clips, frames, channels, height * width]), [0, 2, 1, 3]);
  const hidden = silu(groupNorm(view, `${path}.norm`, volume, groups));
  const weight = view(`${path}.conv.weight`, {
    shape: [channels, channels, KERNEL, 1],
    init: fanIn(channels * KERNEL, 0),
  });
  const bias = view(`${path}.conv.bias`, { shape: [channels], init: { kind: "zeros" } });
  const mixed = convOp(hidden, weight, bias, { pads: [1, 0, 1, 0] });
  return add(h, reshape(transpose(mixed, [0, 2, 1, 3]), h.shape));
}

/** Self-attention among the frames at every position, told their place by sinusoids: [B F, C, H, W] -> same shape. */
export function temporalAttention(
  view: ParameterView,
  path: string,
  h: Tensor,
  { frames, heads }: TemporalOptions,
): Tensor {
  const [images, channels, height, width] = h.shape as [number, number, number, number];
  const clips = images / frames;
  const positions = height * width;
  const placed = transpose(reshape(h, [clips, frames, channels, positions]), [0, 3, 1, 2]);
  const tokens = reshape(placed, [clips * positions, frames, channels]);
  const told = add(layerNorm(view, `${path}.norm`, tokens), framePlaces(h, frames, channels));
  const attended = reshape(attention(view, path, told, heads, { gain: 0 }), [clips, positions, frames, channels]);
  return add(h, reshape(transpose(attended, [0, 2, 3, 1]), h.shape));
}

/** Convolution, then attention, along the frames. */
export function motionModule(view: ParameterView, path: string, h: Tensor, options: TemporalOptions): Tensor {
  const moved = temporalConvolution(view, `${path}.convolution`, h, options);
  return temporalAttention(view, `${path}.attention`, moved, options);
}

/** sin and cos(f / 10000^(2i / C)) of the frame's number (Vaswani et al. 2017): [1, F, C]. */
function framePlaces({ graph }: Tensor, frames: number, channels: number): Tensor {
  const values = Array.from({ length: frames * channels }, (_, at) => {
    const [frame, channel] = [Math.floor(at / channels), at % channels];
    const angle = frame / 10_000 ** ((channel - (channel % 2)) / channels);
    return channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return graph.constant(values, [1, frames, channels]);
}
