import type { Graph, Node } from "../graph";
import { makeWindow, type Window } from "../ops/window";
import { intsAttribute } from "./attributes";

/** The sliding window of a Conv or pooling node. */
export function windowOf(graph: Graph, node: Node, kernel: readonly number[]): Window {
  const strides = intsAttribute(node, "strides");
  const dilations = intsAttribute(node, "dilations");
  const pads = intsAttribute(node, "pads");
  return makeWindow(graph, node.op, kernel, {
    ...(strides && { strides }),
    ...(dilations && { dilations }),
    ...(pads && { pads }),
  });
}
