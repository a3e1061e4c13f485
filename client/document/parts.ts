/** Subgraphs on their way to the library of parts and back, as edits. */
import type { GraphNode } from "@distillery/shared/graph/document";
import { INPUTS_TYPE, instanceType, OUTPUTS_TYPE } from "@distillery/shared/graph/subgraph";
import type { Part, PartRecord } from "@distillery/shared/protocol/parts";
import { say } from "../language";
import { forgetParams, removePort } from "./border";
import { retyped, takeSubgraphs } from "./clipboard";
import { newId } from "./defaults";
import type { DocumentRecords } from "./documentRecords";
import { EditRefused } from "./editRefused";
import type { Transaction } from "./transaction";

/** A subgraph with those it holds, without its own link: what the library keeps. */
export function partOf(records: DocumentRecords, id: string): Part {
  const found = records.subgraph(id);
  if (found === undefined) throw new EditRefused(say.document.refused.subgraphGone);
  const { source: _, ...subgraph } = found;
  return { subgraph, uses: [...records.used(subgraph.nodes).values()] };
}

/** Adds an instance of a part. A linked one shares its subgraph with others of the same part; a copy is independent. */
export function insertPart(
  t: Transaction,
  { id, revision, part }: PartRecord,
  position: GraphNode["position"],
  isLinked: boolean,
): string {
  const linked = isLinked
    ? [...t.document.records.heads.values()].find(({ source }) => source?.part === id)
    : undefined;
  const source = isLinked ? { source: { part: id, revision } } : {};
  const type =
    linked?.id ??
    takeSubgraphs(t, [{ ...part.subgraph, ...source }, ...part.uses]).get(part.subgraph.id) ??
    part.subgraph.id;
  const node = newId(part.subgraph.name.toLowerCase(), (taken) => t.document.records.hasNode(taken));
  t.addNode({ id: node, type: instanceType(type), params: {}, position });
  return node;
}

/** Brings a linked subgraph to the part's present revision. What no longer has a place loses its wires and values. */
export function updateFromPart(t: Transaction, subgraph: string, { id, revision, part }: PartRecord): void {
  const { document } = t;
  const inside = document.on(subgraph);
  const head = document.records.heads.get(subgraph);
  if (head === undefined) return;
  for (const side of ["inputs", "outputs"] as const)
    for (const { name } of head[side])
      if (!part.subgraph[side].some((port) => port.name === name)) removePort(inside, side, name);
  const kept = new Set(part.subgraph.nodes.map((node) => node.id));
  for (const node of inside.graph.nodes.values())
    if (!kept.has(node.id) && node.type !== INPUTS_TYPE && node.type !== OUTPUTS_TYPE) forgetParams(inside, node.id);
  const renamed = takeSubgraphs(t, part.uses);
  const nodes = part.subgraph.nodes.map((node) => retyped(node, renamed));
  document.putSubgraph({ ...part.subgraph, id: subgraph, nodes, source: { part: id, revision } });
}

/** From now on a subgraph of its own. */
export function unlink(t: Transaction, subgraph: string): void {
  const head = t.document.records.heads.get(subgraph);
  if (head === undefined) return;
  const { source: _, ...own } = head;
  t.document.setHead(own);
}

/** After saving it: linked to that revision. */
export function link(t: Transaction, subgraph: string, { id, revision }: Pick<PartRecord, "id" | "revision">): void {
  const head = t.document.records.heads.get(subgraph);
  if (head !== undefined) t.document.setHead({ ...head, source: { part: id, revision } });
}
