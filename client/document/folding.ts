/** Folding the chosen nodes into a subgraph, and unfolding instances again, as edits. */
import { fold, unfold } from "@distillery/shared/graph/fold";
import { isBorder, subgraphIdOf } from "@distillery/shared/graph/subgraph";
import { say } from "../language";
import { newId } from "./defaults";
import { EditRefused } from "./editRefused";
import type { Transaction } from "./transaction";

/** Returns the instance that stands for the nodes now. */
export function foldNodes(t: Transaction, ids: Iterable<string>, frames: ReadonlySet<string>): string {
  const { records } = t.document;
  const { nodes } = t.graph;
  const chosen = new Set([...ids].filter((id) => nodes.has(id) && !isBorder(nodes.get(id)!)));
  if (chosen.size === 0) throw new EditRefused(say.document.refused.nothingToFold);
  const isTaken = (id: string) => records.hasNode(id) || records.heads.has(id);
  const instance = newId("subgraph", isTaken);
  const name = say.document.subgraphName + instance.replace(/^subgraph-?/, " ").trimEnd();
  const { sheet, subgraph } = fold(t.sheetNow(), chosen, {
    instance,
    subgraph: instance,
    name,
    frames,
    socketOf: ({ type }, side, socket) => {
      const definition = t.library.get(type);
      return (side === "input" ? definition?.inputs : definition?.outputs)?.[socket];
    },
  });
  t.document.putSubgraph(subgraph);
  t.replaceSheet(sheet);
  return instance;
}

/** Returns the nodes that came out of it; none where it is no instance. */
export function unfoldNode(t: Transaction, id: string): string[] {
  const node = t.graph.nodes.get(id);
  const subgraph = node && t.document.records.subgraph(subgraphIdOf(node) ?? "");
  if (node === undefined || subgraph === undefined) return [];
  const before = new Set(t.graph.nodes.keys());
  t.replaceSheet(unfold(t.sheetNow(), node, subgraph));
  return [...t.graph.nodes.keys()].filter((each) => !before.has(each));
}
