/** Rules of the gathering and scattering operators. Each is the other's gradient, so any order of derivative exists. */
import { GraphError, type Tensor } from "../graph";
import * as op from "../ops";
import { axisAttribute, stringAttribute } from "./attributes";
import type { GradientRule, RuleTable } from "./rule";

export interface Along {
  readonly axis: number;
  /** Position on the larger axis of each entry. */
  readonly indices: readonly number[];
  /** Size of the larger axis. */
  readonly size: number;
}

/** Adds g's entries along `axis` into zeros at constant positions. */
export function scatterAlong(g: Tensor, { axis, indices, size }: Along): Tensor {
  const along = g.shape.map((_, i) => (i === axis ? indices.length : 1));
  return scatterInto(g, g.graph.constant(indices, along, "int64"), axis, size);
}

/** `indices` has size 1 everywhere but along `axis`. */
function scatterInto(g: Tensor, indices: Tensor, axis: number, size: number): Tensor {
  const target = op.zeros(g.graph, g.shape.with(axis, size), g.dtype);
  return op.scatterElements(target, op.expand(indices, g.shape), g, { axis, reduction: "add" });
}

const gather: GradientRule = (context) => {
  const { graph, inputs, grads } = context;
  const [x, indices] = inputs as [Tensor, Tensor];
  const axis = axisAttribute(context, 0);
  const g = op.reshape(grads[0]!, x.shape.with(axis, indices.size));
  const constant = graph.initializers.get(indices.name);
  if (constant !== undefined && indices.size === 1) {
    const index = Number(constant.load()[0]);
    const pads = Array.from({ length: 2 * x.rank }, () => 0);
    pads[axis] = index < 0 ? index + x.shape[axis]! : index;
    pads[axis + x.rank] = x.shape[axis]! - 1 - pads[axis]!;
    return [op.pad(g, pads), null];
  }
  const along = x.shape.map((_, i) => (i === axis ? indices.size : 1));
  return [scatterInto(g, op.reshape(indices, along), axis, x.shape[axis]!), null];
};

const gatherElements: GradientRule = (context) => {
  const [x, indices] = context.inputs as [Tensor, Tensor];
  const axis = axisAttribute(context, 0);
  const target = op.zeros(context.graph, x.shape, x.dtype);
  return [op.scatterElements(target, indices, context.grads[0]!, { axis, reduction: "add" }), null];
};

const scatterElements: GradientRule = (context) => {
  const { graph, node, inputs, grads, needs } = context;
  const [, indices] = inputs as [Tensor, Tensor];
  const axis = axisAttribute(context, 0);
  const reduction = stringAttribute(node, "reduction", "none");
  const g = grads[0]!;
  if (reduction !== "none" && reduction !== "add") {
    throw new GraphError(
      `grad: ScatterElements node "${node.name}" with reduction "${reduction}" has no gradient rule.`,
    );
  }
  const data = () =>
    reduction === "add" ? g : op.scatterElements(g, indices, op.zeros(graph, indices.shape, g.dtype), { axis });
  return [needs[0] ? data() : null, null, needs[2] ? op.gatherElements(g, indices, { axis }) : null];
};

export const indexing: RuleTable = { Gather: gather, GatherElements: gatherElements, ScatterElements: scatterElements };
