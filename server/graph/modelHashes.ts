/** What results follow from beside the graph itself: the networks it names, which may be other files tomorrow. */
import { cards } from "@distillery/nodes/models/index";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { GraphReader } from "./networks";

/** Hashes of the files of all models that a graph's parameters name, also by default: bundled ones and `own`. */
export function modelHashes(
  graph: GraphDocument,
  library: NodeLibrary,
  own: readonly { readonly id: string; readonly hash: string }[],
): string[] {
  const reader = new GraphReader(graph, library);
  const named = new Set(reader.document.nodes.flatMap(({ id }) => Object.values(reader.params(id))));
  const bundled = cards.flatMap(({ id, sha256 = "" }) => (named.has(`bundled:${id}`) ? [sha256] : []));
  return [...bundled, ...own.flatMap(({ id, hash }) => (named.has(id) ? [hash] : []))].sort();
}
