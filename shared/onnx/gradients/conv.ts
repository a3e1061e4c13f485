/**
 * Gradients of convolution. The input's is a Conv with flipped weights: 4 ms against 6 ms of a ConvTranspose (onnxruntime-node
 * 1.30, 2 cores, [16, 64, 32, 32], 3x3; the forward Conv takes 5.0 ms).
 */
import type { Tensor } from "../graph";
import { conv, convTranspose, reduceSum, reshape, slice, transpose } from "../ops";
import { type Window, windowSpan } from "../ops/window";
import { intAttribute } from "./attributes";
import { weightGradient } from "./convWeight";
import type { GradientRule, RuleTable } from "./rule";
import { windowOf } from "./window";

const convRule: GradientRule = ({ graph, node, inputs, grads, needs }) => {
  const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | null | undefined];
  const dy = grads[0]!;
  const window = windowOf(graph, node, weight.shape.slice(2));
  const group = intAttribute(node, "group", 1);
  const dx = needs[0] ? inputGradient(dy, weight, x.shape, window, group) : null;
  const dw = needs[1] ? weightGradient(x, dy, window, group) : null;
  return bias === undefined ? [dx, dw] : [dx, dw, bias !== null && needs[2] ? sumChannels(dy) : null];
};

const convTransposeRule: GradientRule = ({ graph, node, inputs, grads, needs }) => {
  const [x, weight, bias] = inputs as [Tensor, Tensor, Tensor | null | undefined];
  const dy = grads[0]!;
  const window = windowOf(graph, node, weight.shape.slice(2));
  const group = intAttribute(node, "group", 1);
  // ConvTranspose is the adjoint of Conv in its input, so the roles of x and dy are exchanged.
  const dx = needs[0] ? conv(dy, weight, null, convOptions(window, group)) : null;
  const dw = needs[1] ? weightGradient(dy, x, window, group) : null;
  return bias === undefined ? [dx, dw] : [dx, dw, bias !== null && needs[2] ? sumChannels(dy) : null];
};

export const convRules: RuleTable = { Conv: convRule, ConvTranspose: convTransposeRule };

const sumChannels = (dy: Tensor): Tensor =>
  reduceSum(dy, { axes: dy.shape.flatMap((_, i) => (i === 1 ? [] : [i])), keepdims: false });

const convOptions = ({ strides, dilations, padsBegin, padsEnd }: Window, group: number) => ({
  strides,
  dilations,
  pads: [...padsBegin, ...padsEnd],
  group,
});

/** dL/dx of y = Conv(x, weight): dy [N, M, ...positions], weight [M, C / group, ...kernel] -> `shape` [N, C, ...]. */
function inputGradient(dy: Tensor, weight: Tensor, shape: readonly number[], window: Window, group: number): Tensor {
  const flippedPads = [window.padsBegin, window.padsEnd].map((pads) =>
    pads.map((p, i) => windowSpan(window, i) - 1 - p),
  );
  if (window.strides.every((s) => s === 1) && flippedPads.flat().every((p) => p >= 0)) {
    return conv(dy, flipped(weight, group), null, {
      dilations: window.dilations,
      pads: flippedPads.flat(),
      group,
    });
  }
  const outputPadding = window.kernel.map((_, i) => {
    const reached = window.strides[i]! * (dy.shape[i + 2]! - 1) + windowSpan(window, i);
    return shape[i + 2]! + window.padsBegin[i]! + window.padsEnd[i]! - reached;
  });
  return convTranspose(dy, weight, null, { ...convOptions(window, group), outputPadding });
}

/** [M, C / group, ...kernel] -> [C, M / group, ...kernel] with every kernel axis reversed. */
function flipped(weight: Tensor, group: number): Tensor {
  const [m = 0, perGroup = 0, ...kernel] = weight.shape;
  const groups = reshape(weight, [group, m / group, perGroup, ...kernel]);
  const swapped = transpose(groups, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
  const result = reshape(swapped, [group * perGroup, m / group, ...kernel]);
  const axes = kernel.flatMap((size, i) => (size > 1 ? [i + 2] : []));
  if (axes.length === 0) return result;
  const back = axes.map(() => -1);
  return slice(result, { starts: back, ends: axes.map((axis) => -result.shape[axis]! - 1), axes, steps: back });
}
