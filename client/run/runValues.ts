/** Parameter values that a run had, taken over into the graph that is open. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { flatten } from "@distillery/shared/graph/flatten";
import { canonicalJson } from "@distillery/shared/graph/hash";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { withParameters } from "@distillery/shared/graph/overrides";
import { TOP } from "../document/documentDiff";
import type { Transaction } from "../document/transaction";
import { fullParams } from "./graphDiff";

/**
 * Sets what `past` had differently in nodes that are still in `present`, the whole open document, wherever they are folded;
 * the seed, too. Returns how many nodes changed.
 */
export function takeValues(
  t: Transaction,
  present: GraphDocument,
  past: GraphDocument,
  library: Pick<NodeLibrary, "get">,
): number {
  t.updateMeta({ seed: past.seed });
  const before = new Map(flatten(past).document.nodes.map((node) => [node.id, node]));
  const values: Record<string, unknown> = {};
  const changed = new Set<string>();
  for (const node of flatten(present).document.nodes) {
    const old = before.get(node.id);
    if (old?.type !== node.type) continue;
    const now = fullParams(node, library);
    for (const [name, value] of Object.entries(fullParams(old, library))) {
      if (canonicalJson(value) === canonicalJson(now[name])) continue;
      values[`${node.id}.${name}`] = value;
      changed.add(node.id);
    }
  }
  const { document } = withParameters(present, values, library);
  const sheets = [{ id: TOP, nodes: document.nodes }, ...(document.subgraphs ?? [])];
  for (const { id, nodes } of sheets) {
    const sheet = t.document.on(id);
    for (const { id: node, params } of nodes) sheet.updateNode(node, { params });
  }
  return changed.size;
}
