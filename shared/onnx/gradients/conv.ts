/**
 * Gradients of convolution, chosen by measurement (onnxruntime-node 1.30, 2 cores, [16, 64, 32, 32], 3x3; the forward
 * Conv takes 5.0 ms): input gradient as a Conv with flipped weights 4 ms against ConvTranspose 6 ms; weight gradient as
 * one Gemm for each kernel tap 5.5 ms, all taps in one Gemm 8 ms, a Conv with exchanged axes 15 ms.
 */
import { sizeOf, type Tensor } from "../graph";
import { concat, conv, convTranspose, gemm, matMul, pad, reduceSum, reshape, slice, transpose } from "../ops";
import { type Window, windowSpan } from "../ops/window";
import { intAttribute } from "./attributes";
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

/**
 * dL/dweight of y = Conv(x, weight): x [N, C, ...], dy [N, M, ...positions] -> [M, C / group, ...kernel].
 * For each kernel tap, the matrix product of dy with the input positions that tap saw.
 */
function weightGradient(x: Tensor, dy: Tensor, window: Window, group: number): Tensor {
  const [, channels = 0] = x.shape;
  const [, m = 0] = dy.shape;
  const padded = pad(x, [0, 0, ...window.padsBegin, 0, 0, ...window.padsEnd]);
  const products = tapProducts(padded, dy, window, group);
  const perGroup = channels / group;
  const shape = [m, perGroup, ...window.kernel];
  if (products.length === 1) return reshape(products[0]!, shape);
  // [taps of M x C/group] -> [M, C/group, taps]
  const taps = products.map((product) => reshape(product, [m, perGroup, 1]));
  return reshape(concat(taps, { axis: 2 }), shape);
}

/** One [M, C / group] product (any shape of that size, row-major) for every kernel tap, the last kernel axis fastest. */
function tapProducts(x: Tensor, dy: Tensor, window: Window, group: number): Tensor[] {
  const [n = 0, channels = 0] = x.shape;
  const [, m = 0, ...positions] = dy.shape;
  const count = sizeOf(positions);
  const pixels = n * count;
  const spatialAxes = positions.map((_, i) => i + 2);
  const offsets = kernelTaps(window);
  const cut = (from: Tensor, tap: readonly number[], firstAxis: number): Tensor => {
    const starts = tap.map((t, i) => t * window.dilations[i]!);
    const ends = starts.map((start, i) => start + window.strides[i]! * (positions[i]! - 1) + 1);
    const strided = window.strides.some((s) => s > 1);
    return slice(from, {
      starts,
      ends,
      axes: tap.map((_, i) => i + firstAxis),
      ...(strided && { steps: window.strides }),
    });
  };

  if (group > 1) {
    const major = channelsFirst(x);
    const rows = reshape(channelsFirst(dy), [group, m / group, pixels]);
    return offsets.map((tap) => {
      const seen = reshape(cut(major, tap, 2), [group, channels / group, pixels]);
      return matMul(rows, transpose(seen, [0, 2, 1]));
    });
  }
  if (window.strides.some((s) => s > 1)) {
    // A strided slice copies single numbers unless the channels lie last.
    const last = [0, ...spatialAxes, 1];
    const minor = transpose(x, last);
    const rows = reshape(transpose(dy, last), [pixels, m]);
    return offsets.map((tap) => gemm(rows, reshape(cut(minor, tap, 1), [pixels, channels]), null, { transA: true }));
  }
  if (offsets.length === 1 && count >= LARGE_IMAGE) {
    const seen = reshape(cut(x, offsets[0]!, 2), [n, channels, count]);
    const products = matMul(reshape(dy, [n, m, count]), transpose(seen, [0, 2, 1]));
    return [reduceSum(products, { axes: [0], keepdims: false })];
  }
  const { rows, seen } = flatTaps(x, dy, window, offsets);
  if (channels > FEW_CHANNELS) return seen.map((columns) => gemm(rows, columns, null, { transB: true }));
  const all = gemm(rows, concat(seen, { axis: 0 }), null, { transB: true });
  return offsets.map((_, i) => slice(all, { starts: [i * channels], ends: [(i + 1) * channels], axes: [1] }));
}

/** Up to here one wide product is faster than one for each tap. */
const FEW_CHANNELS = 8;
/** From this many pixels on, one product for each sample is faster than moving the channels of a 1x1 convolution first. */
const LARGE_IMAGE = 256;

/**
 * What each tap sees, without cutting windows out of images: positions are counted through one flat axis of the padded
 * images, in which a tap is a shift, and dy is zero where a window would not fit. A slice of one long axis copies much faster than
 * a window of short rows: the whole gradient takes 10.5 instead of 13 to 16 ms for [60, 24, 32, 32], 7.8 instead of 13.8
 * for [60, 48, 16, 16], and as long as before for large or very small images. x is padded; -> dy [M, L] and, per tap,
 * [C, L].
 */
function flatTaps(x: Tensor, dy: Tensor, { kernel, dilations }: Window, offsets: readonly (readonly number[])[]) {
  const [n = 0, channels = 0, ...padded] = x.shape;
  const [, m = 0, ...positions] = dy.shape;
  const step = padded.map((_, i) => dilations[i]! * sizeOf(padded.slice(i + 1)));
  const shiftOf = (tap: readonly number[]) => tap.reduce((sum, t, i) => sum + t * step[i]!, 0);
  const reach = shiftOf(kernel.map((size) => size - 1));
  const length = n * sizeOf(padded) - reach;
  const none = padded.map(() => 0);
  const ends = padded.map((size, i) => size - positions[i]!);
  const shifted = (from: Tensor, shift: number) =>
    reach === 0 ? from : slice(from, { starts: [shift], ends: [shift + length], axes: [1] });
  const flat = (image: Tensor, size: number) => reshape(channelsFirst(image), [size, n * sizeOf(padded)]);
  const major = flat(x, channels);
  return {
    rows: shifted(flat(pad(dy, [0, 0, ...none, 0, 0, ...ends]), m), 0),
    seen: offsets.map((tap) => shifted(major, shiftOf(tap))),
  };
}

const channelsFirst = (x: Tensor): Tensor => transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);

/** All positions inside the kernel, the last axis fastest. */
function kernelTaps({ kernel }: Window): number[][] {
  return kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => Array.from({ length: size }, (_, i) => [...tap, i])),
    [[]],
  );
}
