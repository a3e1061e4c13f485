/** The learned motion representation of MCM (methods 4.7): a small network on every frame, the identity at its start. */
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, silu } from "@distillery/shared/onnx/ops";
import { foldFrames, unfoldFrames } from "../../model/frames";
import { conv } from "../../student/layers/conv";
import { groupNorm } from "../../student/layers/groupNorm";

export interface HeadOptions {
  readonly layers: number;
  readonly kernel: number;
  /** Channels inside. */
  readonly width: number;
}

const GROUPS = 32;

/** SiLU -> (convolution, GroupNorm(32), SiLU) x (layers - 1) -> 1x1 convolution from zero -> + input; clips in, clips out. */
export function motionHead(view: ParameterView, clips: Tensor, { layers, kernel, width }: HeadOptions): Tensor {
  const frames = clips.shape[1] as number;
  const pictures = foldFrames(clips);
  let h = silu(pictures);
  for (let i = 0; i < layers - 1; i++) {
    h = silu(groupNorm(view, `layers.${i}.norm`, conv(view, `layers.${i}.conv`, h, width, { kernel }), GROUPS));
  }
  const change = conv(view, "out", h, pictures.shape[1] as number, { kernel: 1, gain: 0 });
  return add(clips, unfoldFrames(change, frames));
}
