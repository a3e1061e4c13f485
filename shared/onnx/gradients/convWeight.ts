/**
 * The gradient of a convolution's weight, chosen by measurement (onnxruntime-node 1.30, 2 cores, 3x3, forward Conv in
 * brackets): [16, 48, 16, 16] to 48 channels 2.0 ms (1.1), [32, 96, 8, 8] to 96 3.7 ms (3.9), [8, 64, 64, 64] to 64 22 ms.
 * A product for each kernel tap took 1.1 to 1.9 times as long, a Conv with exchanged axes three times.
 */
import { sizeOf, type Tensor } from "../graph";
import { concat, gemm, matMul, pad, reduceSum, reshape, slice, split, transpose } from "../ops";
import type { Window } from "../ops/window";

/** dL/dweight of y = Conv(x, weight): x [N, C, ...], dy [N, M, ...positions] -> [M, C / group, ...kernel]. */
export function weightGradient(x: Tensor, dy: Tensor, window: Window, group: number): Tensor {
  const { kernel, strides } = window;
  const shape = [dy.shape[1]!, x.shape[1]! / group, ...kernel];
  if (group === 1 && strides.every((s) => s === 1)) {
    const pads = [...window.padsBegin, ...window.padsEnd];
    const pointwise = sizeOf(kernel) === 1 && pads.every((p) => p === 0);
    return reshape(pointwise ? pointwiseProduct(x, dy) : shiftedProducts(x, dy, window), shape);
  }
  // [taps of M x C / group] -> [M, C / group, taps]
  const taps = windowProducts(x, dy, window, group).map((product) => reshape(product, [...shape.slice(0, 2), 1]));
  return reshape(concat(taps, { axis: 2 }), shape);
}

/** From this many pixels on, one product for each sample is faster than moving the channels of a 1x1 convolution first. */
const LARGE_IMAGE = 256;

/** Of a 1x1 convolution. -> [M, C]. */
function pointwiseProduct(x: Tensor, dy: Tensor): Tensor {
  const [n = 0, channels = 0, ...sizes] = x.shape;
  const [, m = 0] = dy.shape;
  const count = sizeOf(sizes);
  if (count < LARGE_IMAGE) {
    const flat = (image: Tensor, size: number) => reshape(channelsFirst(image), [size, n * count]);
    return gemm(flat(dy, m), flat(x, channels), null, { transB: true });
  }
  const seen = transpose(reshape(x, [n, channels, count]), [0, 2, 1]);
  return reduceSum(matMul(reshape(dy, [n, m, count]), seen), { axes: [0], keepdims: false });
}

/**
 * One [M, C / group] product (any shape of that size, row-major) for every kernel tap, the last kernel axis fastest: of dy
 * with the input positions the tap saw, cut out of the padded images.
 */
function windowProducts(x: Tensor, dy: Tensor, window: Window, group: number): Tensor[] {
  const padded = pad(x, [0, 0, ...window.padsBegin, 0, 0, ...window.padsEnd]);
  const [n = 0, channels = 0] = x.shape;
  const [, m = 0, ...positions] = dy.shape;
  const pixels = n * sizeOf(positions);
  const cut = (from: Tensor, tap: readonly number[], firstAxis: number): Tensor => {
    const starts = tap.map((t, i) => t * window.dilations[i]!);
    return slice(from, {
      starts,
      ends: starts.map((start, i) => start + window.strides[i]! * (positions[i]! - 1) + 1),
      axes: tap.map((_, i) => i + firstAxis),
      steps: window.strides,
    });
  };
  if (group > 1) {
    const major = channelsFirst(padded);
    const rows = reshape(channelsFirst(dy), [group, m / group, pixels]);
    return kernelTaps(window.kernel).map((tap) => {
      const seen = reshape(cut(major, tap, 2), [group, channels / group, pixels]);
      return matMul(rows, transpose(seen, [0, 2, 1]));
    });
  }
  // A strided slice copies single numbers unless the channels lie last.
  const last = [0, ...positions.map((_, i) => i + 2), 1];
  const minor = transpose(padded, last);
  const rows = reshape(transpose(dy, last), [pixels, m]);
  return kernelTaps(window.kernel).map((tap) =>
    gemm(rows, reshape(cut(minor, tap, 1), [pixels, channels]), null, { transA: true }),
  );
}

/** Up to here all taps of x are stacked for one product. */
const FEW_CHANNELS = 8;

/**
 * Nothing is cut out of images: positions are counted along one flat axis, in which a tap is a shift. Rows and images are
 * followed by as many zeros as the padding asks for, which serve the end of one and the beginning of the next, and dy is
 * zero where no window ends. A shift is the sum of an inner and an outer one; dy goes the inner ones, stacked, and x the
 * outer ones: for 3x3 three wide products and six copies, not nine of each. -> [M, C, taps].
 */
function shiftedProducts(x: Tensor, dy: Tensor, window: Window): Tensor {
  const [n = 0, channels = 0, ...sizes] = x.shape;
  const [, m = 0, ...positions] = dy.shape;
  const gaps = sizes.map((_, i) => Math.max(window.padsBegin[i]!, window.padsEnd[i]!));
  const pitch = sizes.map((size, i) => Math.max(size + gaps[i]!, positions[i]!));
  const image = sizeOf(pitch);
  const steps = pitch.map((_, i) => sizeOf(pitch.slice(i + 1)));
  const axes = shiftAxes(window, steps);
  const few = channels <= FEW_CHANNELS;
  const inner = few ? [0] : shiftsAlong(axes.slice(-1));
  const outer = shiftsAlong(few ? axes : axes.slice(0, -1));
  const length = n * image + inner.at(-1)!;
  const begin = window.padsBegin.reduce((sum, p, i) => sum + p * steps[i]!, 0);
  // An image of zeros before and behind takes what is shifted over the ends.
  const flat = (from: Tensor) => {
    const [count = 0, batch = 0, ...at] = from.shape;
    const ends = pitch.map((size, i) => size - at[i]!);
    return reshape(pad(from, [0, 1, ...at.map(() => 0), 0, 1, ...ends]), [count, (batch + 2) * image]);
  };
  const cut = (from: Tensor, start: number) => slice(from, { starts: [start], ends: [start + length], axes: [1] });
  const ends = flat(channelsFirst(dy));
  const seen = flat(channelsFirst(x));
  const rows = concat(
    inner.map((shift) => cut(ends, image - shift)),
    { axis: 0 },
  );
  const columns = outer.map((shift) => cut(seen, image - begin + shift));
  if (few) {
    const product = gemm(rows, concat(columns, { axis: 0 }), null, { transB: true });
    return transpose(reshape(product, [m, outer.length, channels]), [0, 2, 1]);
  }
  const taps = columns.flatMap((each) => {
    const product = reshape(gemm(rows, each, null, { transB: true }), [inner.length * m, channels, 1]);
    return split(product, { axis: 0, split: inner.map(() => m) });
  });
  return concat(taps, { axis: 2 });
}

interface ShiftAxis {
  readonly count: number;
  readonly step: number;
}

/** The kernel's axes in flat positions; a single one in two, where its size has a divisor. */
function shiftAxes({ kernel, dilations }: Window, steps: readonly number[]): ShiftAxis[] {
  const axes = kernel.map((count, i) => ({ count, step: dilations[i]! * steps[i]! }));
  const [only, second] = axes;
  if (only === undefined || second !== undefined) return axes;
  let inner = Math.ceil(Math.sqrt(only.count));
  while (only.count % inner !== 0) inner++;
  return [
    { count: only.count / inner, step: only.step * inner },
    { count: inner, step: only.step },
  ];
}

/** All sums of one shift for each axis, the last axis fastest. */
const shiftsAlong = (axes: readonly ShiftAxis[]): number[] =>
  axes.reduce<number[]>(
    (shifts, { count, step }) => shifts.flatMap((shift) => Array.from({ length: count }, (_, i) => shift + i * step)),
    [0],
  );

const channelsFirst = (x: Tensor): Tensor => transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);

/** All positions inside a kernel, the last axis fastest. */
function kernelTaps(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => Array.from({ length: size }, (_, i) => [...tap, i])),
    [[]],
  );
}
