/** Putting a node into a wire: what came out at its beginning goes through the node to its end. */
import { edgeKey, type GraphEdge } from "@distillery/shared/graph/document";
import type { NodeDefinition, NodeLibrary } from "@distillery/shared/graph/node";
import { explainConnection } from "./connection";
import type { GraphView } from "./records";
import type { Transaction } from "./transaction";

export interface Insertion {
  readonly input: string;
  readonly output: string;
}

/** Free sockets of the wire's type by which `definition` can go between its ends; `node` is its id where it is in the graph. */
export function insertionInto(
  graph: GraphView,
  library: Pick<NodeLibrary, "get" | "all">,
  wire: string,
  definition: NodeDefinition,
  node: string | null,
): Insertion | null {
  const edge = graph.edges.get(wire);
  const source = edge && library.get(graph.nodes.get(edge.from.node)?.type ?? "")?.outputs[edge.from.socket];
  if (!edge || !source || edge.from.node === node || edge.to.node === node) return null;
  const links = node === null ? [] : [...graph.edgesOf(node)].flatMap((key) => graph.edges.get(key) ?? []);
  const input = Object.entries(definition.inputs).find(
    ([name, { type, isDelayed }]) =>
      type === source.type && !isDelayed && !links.some(({ to }) => to.node === node && to.socket === name),
  )?.[0];
  const output = Object.entries(definition.outputs).find(
    ([name, { type }]) => type === source.type && !links.some(({ from }) => from.node === node && from.socket === name),
  )?.[0];
  if (input === undefined || output === undefined) return null;
  if (node === null) return { input, output };
  const [before, after] = between(edge, node, { input, output });
  const refused =
    explainConnection(graph, library, before.from, before.to) ??
    explainConnection(graph, library, after.from, after.to);
  return refused === null ? { input, output } : null;
}

const between = (edge: GraphEdge, node: string, { input, output }: Insertion): readonly [GraphEdge, GraphEdge] => [
  { from: edge.from, to: { node, socket: input } },
  { from: { node, socket: output }, to: edge.to },
];

export function insertInto(transaction: Transaction, wire: string, node: string, insertion: Insertion): void {
  const edge = transaction.graph.edges.get(wire);
  if (!edge) return;
  transaction.disconnect(edgeKey(edge));
  for (const half of between(edge, node, insertion)) transaction.connect(half);
}
