/** Test-only: a document wired, set or extended differently, by the nodes of its flat graph. */
import type { GraphDocument, Params } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";

export interface Changes {
  /** `{"loss.target": "jump.x"}`: what arrives at an input; the wire that was there goes. */
  readonly wires?: Readonly<Record<string, string>>;
  /** Further wires into inputs that take many: to -> from. */
  readonly added?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, Params>>;
  readonly nodes?: Readonly<Record<string, { type: string; params?: Params }>>;
}

const endpoint = (text: string) => {
  const [node = "", socket = ""] = text.split(".");
  return { node, socket };
};

export function rewired(
  given: GraphDocument,
  { wires = {}, added = {}, params = {}, nodes = {} }: Changes,
): GraphDocument {
  const document = flatDocument(given);
  const key = ({ node, socket }: { node: string; socket: string }) => `${node}.${socket}`;
  const kept = document.edges.filter(({ to }) => !(key(to) in wires));
  const fresh = [...Object.entries(wires), ...Object.entries(added)];
  return {
    ...document,
    nodes: [
      ...document.nodes.map((node) => ({ ...node, params: { ...node.params, ...params[node.id] } })),
      ...Object.entries(nodes).map(([id, { type, params: own = {} }]) => ({
        id,
        type,
        params: own,
        position: { x: 0, y: 0 },
      })),
    ],
    edges: [...kept, ...fresh.map(([to, from]) => ({ from: endpoint(from), to: endpoint(to) }))],
  };
}
