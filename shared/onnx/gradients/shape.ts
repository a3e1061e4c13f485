/** Rules of the operators that rearrange axes and sizes. */
import type { Tensor } from "../graph";
import * as op from "../ops";
import { axisAttribute, constantInts, intsAttribute, stringAttribute } from "./attributes";
import { type Along, scatterAlong } from "./indexing";
import type { GradientRule, RuleContext, RuleTable } from "./rule";
import { sumTo } from "./sumTo";

/** The gradient of the first input only; the others are integers. */
const first =
  (rule: (g: Tensor, x: Tensor, context: RuleContext) => Tensor): GradientRule =>
  (context) => {
    const g = rule(context.grads[0]!, context.inputs[0]!, context);
    return context.inputs.map((_, i) => (i === 0 ? g : null));
  };

const sameElements = first((g, x) => op.reshape(g, x.shape));

const transpose = first((g, _x, { node }) => {
  const perm = intsAttribute(node, "perm") ?? g.shape.map((_, i) => g.rank - 1 - i);
  return op.transpose(
    g,
    perm.map((_, i) => perm.indexOf(i)),
  );
});

const concat: GradientRule = (context) => {
  const { inputs, grads, needs } = context;
  const axis = axisAttribute(context, 0);
  const sizes = inputs.map((x) => x!.shape[axis]!);
  const g = grads[0]!;
  if (needs.every((needed) => needed)) return op.split(g, { axis, split: sizes });
  let start = 0;
  return sizes.map((size, i) => {
    const piece = needs[i] ? op.slice(g, { axes: [axis], starts: [start], ends: [start + size] }) : null;
    start += size;
    return piece;
  });
};

const split: GradientRule = (context) => {
  const { graph, inputs, outputs, grads } = context;
  const pieces = grads.map((g, i) => g ?? op.zeros(graph, outputs[i]!.shape, outputs[i]!.dtype));
  const g = op.concat(pieces, { axis: axisAttribute(context, 0) });
  return inputs.map((_, i) => (i === 0 ? g : null));
};

/** Steps of 1 are undone by one Pad, any other by scattering along its axis. */
const slice = first((g, x, context) => {
  const starts = constantInts(context, 1)!;
  const ends = constantInts(context, 2)!;
  const axes = (constantInts(context, 3) ?? starts.map((_, i) => i)).map((axis) => (axis < 0 ? axis + x.rank : axis));
  const steps = constantInts(context, 4) ?? starts.map(() => 1);
  const begin = x.shape.map(() => 0);
  const end = x.shape.map(() => 0);
  let result = g;
  axes.forEach((axis, i) => {
    const size = x.shape[axis]!;
    const indices = op.sliceIndices(size, starts[i]!, ends[i]!, steps[i]!);
    if (steps[i] === 1) {
      begin[axis] = indices[0] ?? 0;
      end[axis] = size - begin[axis]! - indices.length;
    } else {
      result = scatterAlong(result, { axis, indices, size });
    }
  });
  return op.pad(result, [...begin, ...end]);
});

/** Where each position of a padded axis of size `n` was copied from. */
function padSources(n: number, begin: number, end: number, mode: string): number[] {
  return Array.from({ length: begin + n + end }, (_, position) => {
    const i = position - begin;
    if (mode === "edge") return Math.min(Math.max(i, 0), n - 1);
    if (mode === "wrap") return ((i % n) + n) % n;
    const period = Math.max(1, 2 * n - 2);
    const folded = ((i % period) + period) % period;
    return folded < n ? folded : period - folded;
  });
}

const pad = first((g, x, context) => {
  const pads = constantInts(context, 1)!;
  const axes = (constantInts(context, 3) ?? x.shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + x.rank : axis));
  const mode = stringAttribute(context.node, "mode", "constant");
  if (mode === "constant") {
    const crop = Array.from({ length: 2 * x.rank }, () => 0);
    axes.forEach((axis, i) => {
      crop[axis] = -pads[i]!;
      crop[axis + x.rank] = -pads[i + axes.length]!;
    });
    return uncrop(g, crop);
  }
  return axes.reduce((result, axis, i) => {
    const [begin, end] = [pads[i]!, pads[i + axes.length]!];
    if (begin === 0 && end === 0) return result;
    const along: Along = { axis, indices: padSources(x.shape[axis]!, begin, end, mode), size: x.shape[axis]! };
    return scatterAlong(result, along);
  }, g);
});

/** Pads by `pads`, of which negative entries crop; pure cropping is a Slice, which every provider runs. */
function uncrop(g: Tensor, pads: readonly number[]): Tensor {
  if (pads.some((p) => p > 0)) return op.pad(g, pads);
  const starts = g.shape.map((_, i) => -pads[i]!);
  const ends = g.shape.map((d, i) => d + pads[i + g.rank]!);
  const axes = g.shape.flatMap((d, i) => (starts[i] === 0 && ends[i] === d ? [] : [i]));
  return op.slice(g, { axes, starts: axes.map((i) => starts[i]!), ends: axes.map((i) => ends[i]!) });
}

const tile = first((g, x) => {
  const repeats = x.shape.map((d, i) => g.shape[i]! / d);
  const blocks = op.reshape(
    g,
    x.shape.flatMap((d, i) => [repeats[i]!, d]),
  );
  const axes = repeats.flatMap((n, i) => (n === 1 ? [] : [2 * i]));
  const summed = axes.length === 0 ? blocks : op.reduceSum(blocks, { axes, keepdims: false });
  return op.reshape(summed, x.shape);
});

export const shape: RuleTable = {
  Reshape: sameElements,
  Flatten: sameElements,
  Squeeze: sameElements,
  Unsqueeze: sameElements,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Tile: tile,
  Expand: first((g, x) => sumTo(g, g.shape, x.shape)),
};
