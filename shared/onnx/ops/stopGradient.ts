import type { Node, Tensor } from "../graph";

const HINT = "stopGradient";

/**
 * x, held constant by `grad`. An Identity node known by its name, so that the mark survives writing and reading a file
 * and every runtime runs it.
 */
export function stopGradient(x: Tensor): Tensor {
  const { graph, dtype, shape } = x;
  return graph.add("Identity", [x], [{ dtype, shape }], {}, { name: graph.freshName(HINT) })[0]!;
}

export const isStopGradient = (node: Node): boolean =>
  node.op === "Identity" && node.name.slice(node.name.lastIndexOf("/") + 1).startsWith(`${HINT}_`);
