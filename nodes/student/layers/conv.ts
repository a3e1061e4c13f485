import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { conv as convOp } from "@distillery/shared/onnx/ops";
import { fanIn } from "./initialise";

export interface ConvOptions {
  /** Odd; the borders are padded so that the size stays (or is divided by the stride). */
  readonly kernel?: number;
  readonly stride?: number;
  /** Scales the initial values; 0 starts at zero. */
  readonly gain?: number;
}

/** 2-D convolution with "same" padding: [B, C, H, W] -> [B, channels, H / stride, W / stride]. */
export function conv(
  view: ParameterView,
  path: string,
  x: Tensor,
  channels: number,
  { kernel = 3, stride = 1, gain = 1 }: ConvOptions = {},
): Tensor {
  const inputs = x.shape[1] as number;
  const fan = inputs * kernel * kernel;
  const weight = view(`${path}.weight`, { shape: [channels, inputs, kernel, kernel], init: fanIn(fan, gain) });
  const bias = view(`${path}.bias`, { shape: [channels], init: fanIn(fan, gain) });
  const pad = (kernel - 1) / 2;
  return convOp(x, weight, bias, { strides: [stride, stride], pads: [pad, pad, pad, pad] });
}
