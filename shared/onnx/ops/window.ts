/** Sliding windows over the spatial axes (everything after batch and channel): the arithmetic convolution and pooling share. */
import { type Attributes, formatShape, type Graph, type Tensor } from "../graph";
import { ints, opError } from "./build";

export interface WindowOptions {
  /** One per spatial axis; default 1. */
  readonly strides?: readonly number[];
  /** One per spatial axis; default 1. */
  readonly dilations?: readonly number[];
  /** Zeros before every spatial axis, then after every spatial axis, as ONNX orders them; default 0. */
  readonly pads?: readonly number[];
}

/** A window with every option filled in; arrays have one entry per spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

/** Fills in the defaults. Throws GraphError when an option has the wrong number of entries or a value out of range. */
export function makeWindow(graph: Graph, op: string, kernel: readonly number[], options: WindowOptions): Window {
  const n = kernel.length;
  const ones = new Array<number>(n).fill(1);
  const { strides = ones, dilations = ones, pads = new Array<number>(2 * n).fill(0) } = options;
  const check = (name: string, values: readonly number[], count: number, least: number) => {
    if (values.length === count && values.every((v) => Number.isInteger(v) && v >= least)) return;
    throw opError(graph, op, `${name} must be ${count} integers >= ${least}, got ${formatShape(values)}.`);
  };
  check("kernel shape", kernel, n, 1);
  check("strides", strides, n, 1);
  check("dilations", dilations, n, 1);
  check("pads", pads, 2 * n, 0);
  return { kernel, strides, dilations, padsBegin: pads.slice(0, n), padsEnd: pads.slice(n) };
}

/** Input positions one window spans on spatial axis `i`: dilation * (kernel - 1) + 1. */
export const windowSpan = ({ kernel, dilations }: Window, i: number): number => dilations[i]! * (kernel[i]! - 1) + 1;

/** Number of window positions per spatial axis. Throws GraphError when a window is larger than its padded input. */
export function windowPositions(op: string, x: Tensor, window: Window, ceilMode = false): number[] {
  return window.kernel.map((_, i) => {
    const size = x.shape[i + 2]!;
    const stride = window.strides[i]!;
    const room = size + window.padsBegin[i]! + window.padsEnd[i]! - windowSpan(window, i);
    if (room < 0) {
      throw opError(
        x.graph,
        op,
        `a window spanning ${windowSpan(window, i)} does not fit axis ${i + 2} of input ${formatShape(x.shape)} with ${window.padsBegin[i]} + ${window.padsEnd[i]} padding.`,
      );
    }
    const positions = (ceilMode ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that would start in the padding after the input is dropped, as in PyTorch and ONNX.
    const startsInside = (positions - 1) * stride < size + window.padsBegin[i]!;
    return ceilMode && !startsInside ? positions - 1 : positions;
  });
}

/** The attributes ONNX gives to every windowed operator. */
export const windowAttributes = (window: Window): Attributes => ({
  kernel_shape: ints(window.kernel),
  strides: ints(window.strides),
  dilations: ints(window.dilations),
  pads: ints([...window.padsBegin, ...window.padsEnd]),
});

/** Throws GraphError unless `x` is [batch, channels, ...spatial] with at least one spatial axis. */
export function checkSpatial(op: string, x: Tensor): void {
  if (x.rank < 3) {
    throw opError(x.graph, op, `the input must be [batch, channels, ...spatial], got ${formatShape(x.shape)}.`);
  }
}
