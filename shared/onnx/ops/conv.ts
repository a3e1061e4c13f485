/** Convolution and its transpose over 1, 2 or 3 spatial axes. */
import { formatShape, type Tensor } from "../graph";
import { int, ints, opError } from "./build";
import { checkSpatial, makeWindow, type WindowOptions, windowAttributes, windowPositions, windowSpan } from "./window";

export interface ConvOptions extends WindowOptions {
  /** Channel groups; default 1. */
  readonly group?: number;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Extra size at the end of each spatial axis of the output; default 0. */
  readonly outputPadding?: readonly number[];
}

/**
 * ONNX Conv. x [N, C, ...spatial], weight [M, C / group, ...kernel], bias [M] -> [N, M, ...positions].
 * Throws GraphError when channels, groups or ranks do not agree.
 */
export function conv(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: ConvOptions = {}): Tensor {
  const { group = 1 } = options;
  checkSpatial("Conv", x);
  const [m = 0, channels = 0, ...kernel] = weight.shape;
  if (weight.rank !== x.rank || channels * group !== x.shape[1] || m % group !== 0) {
    throw opError(
      x.graph,
      "Conv",
      `weight ${formatShape(weight.shape)} with ${group} group(s) does not fit input ${formatShape(x.shape)}; expected [M, C / group, ...kernel].`,
    );
  }
  checkBias("Conv", x, bias, m);
  const window = makeWindow(x.graph, "Conv", kernel, options);
  const shape = [x.shape[0]!, m, ...windowPositions("Conv", x, window)];
  return x.graph.add("Conv", bias === null ? [x, weight] : [x, weight, bias], [{ dtype: x.dtype, shape }], {
    ...windowAttributes(window),
    group: int(group),
  })[0]!;
}

/**
 * ONNX ConvTranspose. x [N, C, ...spatial], weight [C, M / group, ...kernel], bias [M] -> [N, M, ...sizes] with
 * size = stride * (n - 1) + outputPadding + dilation * (kernel - 1) + 1 - pads.
 */
export function convTranspose(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor {
  const { group = 1 } = options;
  checkSpatial("ConvTranspose", x);
  const [channels = 0, perGroup = 0, ...kernel] = weight.shape;
  if (weight.rank !== x.rank || channels !== x.shape[1] || channels % group !== 0) {
    throw opError(
      x.graph,
      "ConvTranspose",
      `weight ${formatShape(weight.shape)} with ${group} group(s) does not fit input ${formatShape(x.shape)}; expected [C, M / group, ...kernel].`,
    );
  }
  const m = perGroup * group;
  checkBias("ConvTranspose", x, bias, m);
  const window = makeWindow(x.graph, "ConvTranspose", kernel, options);
  const outputPadding = options.outputPadding ?? kernel.map(() => 0);
  const sizes = kernel.map(
    (_, i) =>
      window.strides[i]! * (x.shape[i + 2]! - 1) +
      outputPadding[i]! +
      windowSpan(window, i) -
      window.padsBegin[i]! -
      window.padsEnd[i]!,
  );
  if (outputPadding.length !== kernel.length || sizes.some((size) => size < 1)) {
    throw opError(
      x.graph,
      "ConvTranspose",
      `input ${formatShape(x.shape)} and weight ${formatShape(weight.shape)} give spatial sizes ${formatShape(sizes)}.`,
    );
  }
  return x.graph.add(
    "ConvTranspose",
    bias === null ? [x, weight] : [x, weight, bias],
    [{ dtype: x.dtype, shape: [x.shape[0]!, m, ...sizes] }],
    {
      ...windowAttributes(window),
      output_padding: ints(outputPadding),
      group: int(group),
    },
  )[0]!;
}

function checkBias(op: string, x: Tensor, bias: Tensor | null, channels: number): void {
  if (bias !== null && (bias.rank !== 1 || bias.shape[0] !== channels)) {
    throw opError(x.graph, op, `bias must be [${channels}], got ${formatShape(bias.shape)}.`);
  }
}
