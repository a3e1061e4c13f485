/** Gradients of pooling. */
import { GraphError, type Tensor } from "../graph";
import { div, expand, maxPoolWithIndices, mul, reshape, resize, scatterElements, zeros } from "../ops";
import type { Window } from "../ops/window";
import { intAttribute, intsAttribute } from "./attributes";
import { type AxisMatrix, applyAlongAxis, transposed } from "./axisMatrix";
import type { GradientRule, RuleContext, RuleTable } from "./rule";
import { windowOf } from "./window";

/** A mean over windows is a matrix along each spatial axis; its gradient applies the transposed matrices. */
const averagePool: GradientRule = (context) => {
  const { node, inputs, grads } = context;
  const x = inputs[0]!;
  const dy = grads[0]!;
  const window = poolWindow(context);
  if (tiles(x, window)) {
    const scales = x.shape.map((_, i) => (i < 2 ? 1 : window.kernel[i - 2]!));
    return [mul(resize(dy, { scales }), 1 / window.kernel.reduce((a, b) => a * b, 1))];
  }
  const countPads = intAttribute(node, "count_include_pad", 0) === 1;
  const dx = window.kernel.reduce((gradient, _, i) => {
    const matrix = meanMatrix(window, i, x.shape[i + 2]!, dy.shape[i + 2]!, countPads);
    return applyAlongAxis(gradient, i + 2, transposed(matrix));
  }, dy);
  return [dx];
};

/** Whether the windows cover x exactly once. */
const tiles = (x: Tensor, { kernel, strides, dilations, padsBegin, padsEnd }: Window): boolean =>
  kernel.every(
    (size, i) =>
      size === strides[i] &&
      (dilations[i] === 1 || size === 1) &&
      padsBegin[i] === 0 &&
      padsEnd[i] === 0 &&
      x.shape[i + 2]! % size === 0,
  );

/** One axis of an average pool as a matrix [positions, size]: 1 / (cells counted) for every cell a window covers. */
function meanMatrix(window: Window, axis: number, size: number, positions: number, countPads: boolean): AxisMatrix {
  const begin = window.padsBegin[axis]!;
  const values = new Array<number>(positions * size).fill(0);
  for (let row = 0; row < positions; row++) {
    const start = row * window.strides[axis]! - begin;
    const cells = Array.from({ length: window.kernel[axis]! }, (_, k) => start + k * window.dilations[axis]!);
    const inside = cells.filter((cell) => cell >= 0 && cell < size);
    // Cells past the padding (reached by rounding the number of positions up) never count.
    const counted = countPads ? cells.filter((cell) => cell < size + window.padsEnd[axis]!) : inside;
    for (const cell of inside) values[row * size + cell]! += 1 / counted.length;
  }
  return { rows: positions, columns: size, values };
}

const globalAveragePool: GradientRule = ({ inputs, grads }) => {
  const x = inputs[0]!;
  const pixels = x.shape.slice(2).reduce((a, b) => a * b, 1);
  return [expand(div(grads[0]!, pixels), x.shape)];
};

/** The gradient goes to the cell that was the maximum, the first one where several were equal (as PyTorch). */
const maxPool: GradientRule = (context) => {
  const { graph, node, inputs, grads } = context;
  const x = inputs[0]!;
  const { kernel, strides, dilations, padsBegin, padsEnd } = poolWindow(context);
  if (intAttribute(node, "storage_order", 0) !== 0) {
    throw new GraphError(`MaxPool "${node.name}": column-major storage order is not supported.`);
  }
  const { indices } = maxPoolWithIndices(x, {
    kernelShape: kernel,
    strides,
    dilations,
    pads: [...padsBegin, ...padsEnd],
    ceilMode: intAttribute(node, "ceil_mode", 0) === 1,
  });
  const dy = grads[0]!;
  const flat = scatterElements(zeros(graph, [x.size]), reshape(indices, [dy.size]), reshape(dy, [dy.size]), {
    reduction: "add",
  });
  return [reshape(flat, x.shape)];
};

function poolWindow({ graph, node }: RuleContext): Window {
  const kernel = intsAttribute(node, "kernel_shape");
  if (kernel === undefined) throw new GraphError(`${node.op} "${node.name}" has no kernel_shape.`);
  return windowOf(graph, node, kernel);
}

export const poolRules: RuleTable = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  MaxPool: maxPool,
};
