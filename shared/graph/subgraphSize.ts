/** What keeps a document's subgraphs from being expanded at all: found by counting, before anything is expanded. */
import { type GraphDocument, type Issue, LIMITS, type Subgraph } from "./document";
import { type Sheet, subgraphIdOf, subgraphsById } from "./subgraph";

interface Size {
  readonly nodes: number;
  readonly edges: number;
}

/** Subgraphs that hold themselves, that have the same id, or that are too many when all are expanded. */
export function subgraphFindings(document: GraphDocument): Issue[] {
  const all = document.subgraphs ?? [];
  const known = subgraphsById(document);
  if (known.size < all.length) {
    const twice = all.find(({ id }, at) => all.findIndex((other) => other.id === id) < at);
    return [error("duplicate-subgraph", `Two subgraphs have the id "${twice?.id}"; give one another id.`)];
  }
  const sizes = new Map<string, Size>();
  const path: string[] = [];
  let circle: string[] | undefined;

  function sizeOf(sheet: Sheet): Size {
    let [nodes, edges] = [sheet.nodes.length, sheet.edges.length];
    for (const node of sheet.nodes) {
      const inner = known.get(subgraphIdOf(node) ?? "");
      if (inner === undefined) continue;
      const size = sizeOfSubgraph(inner);
      nodes += size.nodes;
      edges += size.edges;
    }
    return { nodes, edges };
  }
  function sizeOfSubgraph(subgraph: Subgraph): Size {
    const before = sizes.get(subgraph.id);
    if (before !== undefined) return before;
    if (path.includes(subgraph.id)) {
      circle ??= [...path.slice(path.indexOf(subgraph.id)), subgraph.id];
      return { nodes: 0, edges: 0 };
    }
    path.push(subgraph.id);
    const size = sizeOf(subgraph);
    path.pop();
    sizes.set(subgraph.id, size);
    return size;
  }

  const { nodes, edges } = sizeOf(document);
  // One that nothing stands for yet is checked, too: it could not be used.
  for (const subgraph of all) sizeOfSubgraph(subgraph);
  if (circle !== undefined) {
    const names = circle.map((id) => `"${known.get(id)?.name ?? id}"`).join(" in ");
    return [error("subgraph-recursion", `A subgraph cannot hold itself: ${names}. Take one of them out.`)];
  }
  if (nodes > LIMITS.nodes || edges > LIMITS.edges)
    return [
      error(
        "too-large",
        `With its subgraphs the graph has ${nodes} nodes and ${edges} edges; at most ${LIMITS.nodes} and ${LIMITS.edges} are possible.`,
      ),
    ];
  return [];
}

const error = (code: string, message: string): Issue => ({ severity: "error", code, message });
