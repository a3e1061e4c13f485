/** Every wire that a node could get: what the keyboard offers in place of drawing one. */
import { edgeKey, type GraphEdge } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { WireType } from "@distillery/shared/graph/wires";
import { explainConnection, titleOf } from "../document/connection";
import type { GraphView } from "../document/records";

export interface WireChoice {
  readonly edge: GraphEdge;
  readonly type: WireType;
  /** Whether the wire leaves the node or comes in. */
  readonly direction: "out" | "in";
  /** Socket of the node itself. */
  readonly socket: string;
  /** The other end: title of the node and socket. */
  readonly other: string;
  /** Whether it takes the place of the wire that is there. */
  readonly replaces: boolean;
}

/** Allowed new wires from or to `id`: outputs first, ends without a wire before those that would be replaced. */
export function wireChoices(graph: GraphView, library: Pick<NodeLibrary, "get" | "all">, id: string): WireChoice[] {
  const own = graph.nodes.get(id);
  const definition = own && library.get(own.type);
  if (!definition) return [];
  const found: WireChoice[] = [];
  const offer = (edge: GraphEdge, type: WireType, direction: "out" | "in"): void => {
    if (graph.edges.has(edgeKey(edge)) || explainConnection(graph, library, edge.from, edge.to) !== null) return;
    const [mine, far] = direction === "out" ? [edge.from, edge.to] : [edge.to, edge.from];
    const node = graph.nodes.get(far.node);
    if (!node) return;
    found.push({
      edge,
      type,
      direction,
      socket: mine.socket,
      other: `${titleOf(node, library)} · ${far.socket}`,
      replaces: isTaken(graph, library, edge),
    });
  };
  for (const other of graph.nodes.values()) {
    const there = library.get(other.type);
    if (!there) continue;
    for (const [name, output] of Object.entries(definition.outputs))
      for (const [socket, input] of Object.entries(there.inputs))
        if (input.type === output.type)
          offer({ from: { node: id, socket: name }, to: { node: other.id, socket } }, output.type, "out");
    for (const [name, input] of Object.entries(definition.inputs))
      for (const [socket, output] of Object.entries(there.outputs))
        if (input.type === output.type && other.id !== id)
          offer({ from: { node: other.id, socket }, to: { node: id, socket: name } }, input.type, "in");
  }
  const rank = ({ direction, replaces }: WireChoice) => (replaces ? 2 : 0) + (direction === "in" ? 1 : 0);
  return found.sort((a, b) => rank(a) - rank(b));
}

function isTaken(graph: GraphView, library: Pick<NodeLibrary, "get">, { to }: GraphEdge): boolean {
  const node = graph.nodes.get(to.node);
  if (!node || library.get(node.type)?.inputs[to.socket]?.cardinality === "many") return false;
  return [...graph.edgesOf(to.node)].some((key) => {
    const edge = graph.edges.get(key);
    return edge?.to.node === to.node && edge.to.socket === to.socket;
  });
}
