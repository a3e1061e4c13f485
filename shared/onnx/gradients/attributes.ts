/** Reading what a node was built with: attributes and constant integer inputs. */
import { GraphError, type Node } from "../graph";
import type { RuleContext } from "./rule";

export function intAttribute(node: Node, name: string, byDefault: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "int" ? attribute.value : byDefault;
}

export function floatAttribute(node: Node, name: string, byDefault: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "float" ? attribute.value : byDefault;
}

export function stringAttribute(node: Node, name: string, byDefault: string): string {
  const attribute = node.attributes[name];
  return attribute?.kind === "string" ? attribute.value : byDefault;
}

export function intsAttribute(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute?.kind === "ints" ? attribute.value : undefined;
}

/** The axis attribute, counted from the front. */
export function axisAttribute({ node, inputs }: RuleContext, byDefault: number): number {
  const axis = intAttribute(node, "axis", byDefault);
  return axis < 0 ? axis + inputs[0]!.rank : axis;
}

/**
 * Integers of input `index`, undefined where that input is absent.
 * Throws GraphError when they are computed at run time: gradients need static axes, pads and positions.
 */
export function constantInts({ graph, node, inputs }: RuleContext, index: number): number[] | undefined {
  const tensor = inputs[index];
  if (tensor === undefined || tensor === null) return undefined;
  const initializer = graph.initializers.get(tensor.name);
  if (initializer === undefined) {
    throw new GraphError(
      `grad: input ${index} ("${tensor.name}") of ${node.op} node "${node.name}" must be a constant.`,
    );
  }
  return Array.from(initializer.load(), Number);
}
