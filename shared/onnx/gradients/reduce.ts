/** Rules of the reductions and softmax. Reductions return lazy gradients: the reduced axes keep size 1. */
import type { Tensor } from "../graph";
import * as op from "../ops";
import { axisAttribute, constantInts, intAttribute } from "./attributes";
import type { GradientRule, RuleContext, RuleTable } from "./rule";

/** The axes a reduction node reduces, counted from the front. */
function reducedAxes(context: RuleContext): number[] {
  const { rank } = context.inputs[0]!;
  const axes = constantInts(context, 1) ?? [];
  if (axes.length > 0) return axes.map((axis) => (axis < 0 ? axis + rank : axis));
  return intAttribute(context.node, "noop_with_empty_axes", 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i);
}

type Reduction = (g: Tensor, x: Tensor, out: Tensor, axes: readonly number[]) => Tensor;

/** `g` and `out` come with the reduced axes kept (or as scalars), so that they broadcast to x. */
const reduction =
  (rule: Reduction): GradientRule =>
  (context) => {
    const x = context.inputs[0]!;
    const axes = reducedAxes(context);
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    const keep = (tensor: Tensor) => (tensor.rank === 0 ? tensor : op.reshape(tensor, kept));
    const g = rule(keep(context.grads[0]!), x, keep(context.outputs[0]!), axes);
    return context.inputs.map((_, i) => (i === 0 ? g : null));
  };

const sizeAlong = (x: Tensor, axes: readonly number[]): number => axes.reduce((n, axis) => n * x.shape[axis]!, 1);

/** Equal extremes share the gradient evenly (as PyTorch's amax). */
const extreme = reduction((g, x, out, axes) => {
  const mask = op.cast(op.equal(x, out), x.dtype);
  return op.mul(mask, op.div(g, op.reduceSum(mask, { axes })));
});

const softmax: GradientRule = (context) => {
  const out = context.outputs[0]!;
  const axes = [axisAttribute(context, -1)];
  const weighted = op.mul(context.grads[0]!, out);
  return [op.sub(weighted, op.mul(out, op.reduceSum(weighted, { axes })))];
};

const logSoftmax: GradientRule = (context) => {
  const g = context.grads[0]!;
  const axes = [axisAttribute(context, -1)];
  return [op.sub(g, op.mul(op.exp(context.outputs[0]!), op.reduceSum(g, { axes })))];
};

export const reduce: RuleTable = {
  ReduceSum: reduction((g) => g),
  ReduceMean: reduction((g, x, _out, axes) => op.mul(g, 1 / sizeAlong(x, axes))),
  ReduceMax: extreme,
  ReduceMin: extreme,
  // The norm has no derivative at 0; 0 is the subgradient PyTorch takes.
  ReduceL2: reduction((g, x, out) => op.mul(x, op.where(op.equal(out, 0), 0, op.div(g, out)))),
  ReduceSumSquare: reduction((g, x) => op.mul(op.mul(g, 2), x)),
  ReduceLogSumExp: reduction((g, x, out) => op.mul(g, op.exp(op.sub(x, out)))),
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
