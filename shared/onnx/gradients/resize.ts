/** Gradient of Resize: the transposed interpolation matrix along each axis. */
import { GraphError, type Node } from "../graph";
import { averagePool, mul } from "../ops";
import { type AxisResize, type CoordinateMode, type NearestMode, type ResizeMode, resizeMatrix } from "../ops/resize";
import { intAttribute, stringAttribute } from "./attributes";
import { applyAlongAxis, transposed } from "./axisMatrix";
import type { GradientRule, RuleTable } from "./rule";

const resizeRule: GradientRule = ({ graph, node, inputs, outputs, grads }) => {
  const x = inputs[0]!;
  const dy = grads[0]!;
  // ONNX Runtime copies x when no size changes, whatever the scales say.
  if (x.shape.join() === outputs[0]!.shape.join()) return [dy, null, null, null].slice(0, inputs.length);
  const mode = oneOf<ResizeMode>(node, "mode", "nearest", ["nearest", "linear"]);
  const coordinates = oneOf<CoordinateMode>(node, "coordinate_transformation_mode", "half_pixel", [
    "asymmetric",
    "half_pixel",
    "pytorch_half_pixel",
    "align_corners",
  ]);
  const nearest = oneOf<NearestMode>(node, "nearest_mode", "round_prefer_floor", [
    "floor",
    "ceil",
    "round_prefer_floor",
    "round_prefer_ceil",
  ]);
  if (intAttribute(node, "antialias", 0) !== 0) throw unsupported(node, "antialias", "1");
  const scales = inputs[2] == null ? undefined : constantValues(graph.initializers.get(inputs[2].name), node);
  const axes = x.shape.map((from, i): AxisResize => {
    const to = outputs[0]!.shape[i]!;
    return { from, to, scale: scales?.[i] ?? to / from };
  });
  const matrices = axes.map((axis) => resizeMatrix(axis, mode, coordinates, nearest));

  const factors = repetition(axes, matrices);
  if (factors !== null) {
    const kernelShape = factors.slice(2);
    const sum = averagePool(dy, { kernelShape, strides: kernelShape });
    return [
      mul(
        sum,
        kernelShape.reduce((a, b) => a * b, 1),
      ),
      null,
      null,
      null,
    ].slice(0, inputs.length);
  }
  const dx = axes.reduce((gradient, { from, to }, i) => {
    const values = matrices[i]!;
    const unchanged = from === to && values.every((v, k) => v === (Math.floor(k / from) === k % from ? 1 : 0));
    return unchanged ? gradient : applyAlongAxis(gradient, i, transposed({ rows: to, columns: from, values }));
  }, dy);
  return [dx, null, null, null].slice(0, inputs.length);
};

/**
 * The whole-number factors when Resize only repeats every cell of the spatial axes: its gradient is then a sum over
 * blocks, for which pooling is the fastest kernel. Null otherwise.
 */
function repetition(axes: readonly AxisResize[], matrices: readonly (readonly number[])[]): number[] | null {
  const factors = axes.map(({ from, to }, i) => {
    const factor = to / from;
    const repeats = matrices[i]!.every(
      (v, k) => v === (Math.floor(Math.floor(k / from) / factor) === k % from ? 1 : 0),
    );
    return Number.isInteger(factor) && repeats ? factor : 0;
  });
  const possible = axes.length > 2 && factors[0] === 1 && factors[1] === 1 && factors.every((f) => f > 0);
  return possible ? factors : null;
}

function constantValues(scales: { load: () => ArrayLike<number | bigint> } | undefined, node: Node): number[] {
  if (scales === undefined) throw new GraphError(`Resize "${node.name}": the scales must be a constant.`);
  return Array.from(scales.load(), Number);
}

function oneOf<T extends string>(node: Node, name: string, otherwise: T, allowed: readonly T[]): T {
  const value = stringAttribute(node, name, otherwise);
  const known = allowed.find((candidate) => candidate === value);
  if (known === undefined) throw unsupported(node, name, value);
  return known;
}

const unsupported = (node: Node, name: string, value: string) =>
  new GraphError(`Resize "${node.name}": ${name} = ${value} has no gradient rule.`);

export const resizeRules: RuleTable = { Resize: resizeRule };
