import type { Tensor } from "../graph";
import { mul, reduceSum, reshape } from "../ops";

/**
 * Undoes broadcasting: the gradient of an input of shape `to`, given the gradient `g` of the same input after it was
 * broadcast to `from`.
 *
 * Gradients may be lazy: `g` itself needs only broadcast to `from` (an axis of size 1 stands for equal values all
 * along it), and the result needs only broadcast to `to`. Summing a lazy axis is a multiplication by its length.
 */
export function sumTo(g: Tensor, from: readonly number[], to: readonly number[]): Tensor {
  const axes: number[] = [];
  let scale = 1;
  from.forEach((n, i) => {
    const target = to[i - from.length + to.length];
    if (target === n || (target === undefined && n === 1)) return;
    const axis = i - from.length + g.rank;
    if ((g.shape[axis] ?? 1) === n) axes.push(axis);
    else scale *= n;
  });
  return mul(sumAxes(g, axes, Math.max(0, g.rank - to.length)), scale);
}

/** Sums `axes` and drops the `leading` first axes, in one node when it can. */
function sumAxes(g: Tensor, axes: readonly number[], leading: number): Tensor {
  if (axes.length > 0 && axes.every((axis) => axis < leading)) {
    return reduceSum(g, { axes: Array.from({ length: leading }, (_, i) => i), keepdims: false });
  }
  const summed = axes.length === 0 ? g : reduceSum(g, { axes });
  return reshape(summed, summed.shape.slice(leading));
}
