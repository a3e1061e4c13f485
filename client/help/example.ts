/** An example of how a node is wired: the smallest part of a template around a node of its type that has all it needs. */
import { emptyDocument, type GraphDocument, type GraphNode } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { autoLayout, type Size } from "../canvas/autoLayout";
import { cardGeometry } from "../canvas/nodeGeometry";
import { GraphRecords } from "../document/records";

type Types = Pick<NodeLibrary, "get">;

export interface Example {
  /** Laid out from the top left corner. */
  readonly graph: GraphDocument;
  /** Name of the template it is taken from. */
  readonly from: string;
  /** The node of the wanted type in it. */
  readonly node: string;
}

/** `start` and everything that its required inputs need, with one wire for each. */
function withNeeds({ nodes, edges }: GraphDocument, start: string, library: Types): Set<string> | null {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Set<string>();
  const stack = [start];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (found.has(id)) continue;
    const definition = library.get(byId.get(id)?.type ?? "");
    if (!definition) return null;
    found.add(id);
    for (const [socket, input] of Object.entries(definition.inputs)) {
      if (input.cardinality === "optional") continue;
      const edge = edges.find(({ to }) => to.node === id && to.socket === socket);
      if (edge) stack.push(edge.from.node);
      else if (input.cardinality === "one") return null;
    }
  }
  return found;
}

/** What a source alone would not show: it together with the consumer that needs least. */
function withConsumer(graph: GraphDocument, source: string, library: Types): Set<string> | null {
  const consumers = new Set(graph.edges.filter(({ from }) => from.node === source).map(({ to }) => to.node));
  return smallest([...consumers].flatMap((id) => withNeeds(graph, id, library) ?? []));
}

const smallest = (sets: readonly Set<string>[]): Set<string> | null =>
  sets.reduce<Set<string> | null>((best, set) => (best === null || set.size < best.size ? set : best), null);

export function exampleOf(type: string, examples: readonly GraphDocument[], library: Types): Example | null {
  let best: { graph: GraphDocument; ids: ReadonlySet<string>; node: string } | null = null;
  for (const graph of examples)
    for (const { id } of graph.nodes.filter((node) => node.type === type)) {
      const own = withNeeds(graph, id, library);
      const ids = own?.size === 1 ? (withConsumer(graph, id, library) ?? own) : own;
      if (ids && (best === null || ids.size < best.ids.size)) best = { graph, ids, node: id };
    }
  if (!best) return null;
  const { graph, ids, node } = best;
  const part: GraphDocument = {
    ...emptyDocument(graph.name),
    nodes: graph.nodes.filter(({ id }) => ids.has(id)).map(plain),
    edges: graph.edges.filter(({ from, to }) => ids.has(from.node) && ids.has(to.node)),
  };
  return { graph: laidOut(part, library), from: graph.name, node };
}

/** Without the looks and place that it had in its graph. */
const plain = ({ id, type, version, params, title }: GraphNode): GraphNode => ({
  id,
  type,
  ...(version !== undefined && { version }),
  params,
  position: { x: 0, y: 0 },
  ...(title !== undefined && { title }),
});

function laidOut(graph: GraphDocument, library: Types): GraphDocument {
  const records = GraphRecords.from(graph);
  const sizes = new Map(
    graph.nodes.map((node): [string, Size] => [node.id, cardGeometry(node, library.get(node.type), records, false)]),
  );
  const typeOf = new Map(graph.nodes.map(({ id, type }) => [id, library.get(type)]));
  const places = autoLayout(
    records,
    (id) => sizes.get(id) ?? { width: 220, height: 120 },
    ({ to }) => typeOf.get(to.node)?.inputs[to.socket]?.isDelayed !== true,
  );
  return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, position: places.get(node.id) ?? node.position })) };
}
