/** What two documents compute differently: parameters, nodes and wires. Positions and titles do not count. */
import { edgeKey, type GraphDocument, type GraphNode } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { formOf } from "../editor/paramForm";

export interface Difference {
  /** Node title, or what kind of change. */
  where: string;
  what: string;
  before: string;
  after: string;
}

const shown = (value: unknown): string => (value === undefined ? "-" : JSON.stringify(value));

/** Parameters with the defaults of the node type filled in, so that an absent one equals its default. */
function fullParams(node: GraphNode, library: Pick<NodeLibrary, "get">): Record<string, unknown> {
  const parsed = library.get(node.type)?.params.safeParse(node.params);
  return parsed?.success ? parsed.data : node.params;
}

/** Parameters as the form calls them. */
const labelsOf = (node: GraphNode, library: Pick<NodeLibrary, "get">): Map<string, string> => {
  const definition = library.get(node.type);
  return new Map(definition ? formOf(definition).map(({ path, title }) => [path[0] ?? "", title]) : []);
};

const titleOf = (node: GraphNode, library: Pick<NodeLibrary, "get">): string =>
  node.title ?? library.get(node.type)?.title ?? node.type;

export function differences(
  first: GraphDocument,
  second: GraphDocument,
  library: Pick<NodeLibrary, "get">,
): Difference[] {
  const [before, after] = [flatDocument(first), flatDocument(second)];
  const found: Difference[] = [];
  if (before.seed !== after.seed)
    found.push({ where: "Graph", what: "seed", before: shown(before.seed), after: shown(after.seed) });
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  for (const node of after.nodes) {
    const previous = old.get(node.id);
    old.delete(node.id);
    const where = titleOf(node, library);
    if (!previous) {
      found.push({ where, what: "node", before: "-", after: node.type });
      continue;
    }
    if (previous.type !== node.type) found.push({ where, what: "node type", before: previous.type, after: node.type });
    if (previous.mode !== node.mode)
      found.push({ where, what: "mode", before: previous.mode ?? "-", after: node.mode ?? "-" });
    const a = fullParams(previous, library);
    const b = fullParams(node, library);
    const labels = labelsOf(node, library);
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
      if (shown(a[name]) !== shown(b[name]))
        found.push({ where, what: labels.get(name) ?? name, before: shown(a[name]), after: shown(b[name]) });
  }
  for (const node of old.values())
    found.push({ where: titleOf(node, library), what: "node", before: node.type, after: "-" });
  const edges = new Set(before.edges.map(edgeKey));
  for (const edge of after.edges)
    if (!edges.delete(edgeKey(edge)))
      found.push({ where: "Wires", what: edgeKey(edge).replace(">", " → "), before: "-", after: "wired" });
  for (const key of edges) found.push({ where: "Wires", what: key.replace(">", " → "), before: "wired", after: "-" });
  return found;
}
