/** Copy and paste as plain JSON text, so that it works between tabs, browsers and text editors. */
import {
  edgeSchema,
  frameSchema,
  type GraphDocument,
  type GraphNode,
  nodeSchema,
  type Subgraph,
  subgraphSchema,
} from "@distillery/shared/graph/document";
import { canonicalJson } from "@distillery/shared/graph/hash";
import { instanceType, isBorder, subgraphIdOf, usedSubgraphs } from "@distillery/shared/graph/subgraph";
import { z } from "zod";
import { newId } from "./defaults";
import { migrateNode } from "./loading";
import type { GraphView } from "./records";
import { EditRefused, type Transaction } from "./transaction";

export const FRAGMENT_FORMAT = "distillery-fragment";

const fragmentSchema = z.object({
  format: z.enum([FRAGMENT_FORMAT, "distillery-graph"]),
  version: z.literal(1),
  nodes: z.array(nodeSchema),
  edges: z.array(edgeSchema).default([]),
  frames: z.array(frameSchema).default([]),
  /** Those that the nodes stand for. */
  subgraphs: z.array(subgraphSchema).optional(),
});
export type Fragment = z.infer<typeof fragmentSchema>;
export interface Pasted {
  nodes: string[];
  frames: string[];
}

/** The chosen nodes and frames with the links among them, as text; "" when nothing is chosen. */
export function copyFragment(
  graph: GraphView,
  chosen: ReadonlySet<string>,
  frames: ReadonlySet<string>,
  usedBy: (nodes: Iterable<GraphNode>) => ReadonlyMap<string, Subgraph> = () => new Map(),
): string {
  const copied = [...graph.nodes.values()].filter((node) => chosen.has(node.id) && !isBorder(node));
  const nodes = new Set(copied.map(({ id }) => id));
  const subgraphs = [...usedBy(copied).values()];
  const fragment: Fragment = {
    format: FRAGMENT_FORMAT,
    version: 1,
    nodes: copied,
    edges: [...graph.edges.values()].filter((edge) => nodes.has(edge.from.node) && nodes.has(edge.to.node)),
    frames: [...graph.frames.values()].filter((frame) => frames.has(frame.id)),
    ...(subgraphs.length > 0 && { subgraphs }),
  };
  return fragment.nodes.length + fragment.frames.length === 0 ? "" : JSON.stringify(fragment, null, 2);
}

/** Reads copied text (or a whole graph file); `null` when it is something else. */
export function parseFragment(text: string): Fragment | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = fragmentSchema.safeParse(json);
  return parsed.success ? parsed.data : null;
}

export const fragmentOf = (document: GraphDocument): Fragment => ({
  format: FRAGMENT_FORMAT,
  version: 1,
  nodes: document.nodes,
  edges: document.edges,
  frames: document.frames,
  ...(document.subgraphs && { subgraphs: document.subgraphs }),
});

/** Top left corner of everything in the fragment. */
export function fragmentOrigin(fragment: Fragment): { x: number; y: number } {
  const points = [...fragment.nodes, ...fragment.frames].map((record) => record.position);
  return { x: Math.min(...points.map((p) => p.x)), y: Math.min(...points.map((p) => p.y)) };
}

/**
 * Adds a fragment under new ids, moved by `offset`. Links among the pasted nodes come along;
 * a link that the rules refuse here (an unknown type, say) is kept out.
 */
export function pasteFragment(transaction: Transaction, fragment: Fragment, offset: { x: number; y: number }): Pasted {
  const { records } = transaction.document;
  const coming = new Map(fragment.subgraphs?.map((subgraph) => [subgraph.id, subgraph]));
  const inside = (node: GraphNode): string[] =>
    [...usedSubgraphs([node], (id) => coming.get(id) ?? records.subgraph(id)).values()].flatMap(({ nodes }) =>
      nodes.flatMap((inner) => (isBorder(inner) ? [] : inner.id)),
    );
  // Beside the one it was copied from an instance cannot keep the ids inside, too.
  const keeping = fragment.nodes.filter((node) => node.keepsIds && !inside(node).some((id) => records.hasNode(id)));
  const kept = new Set(keeping.flatMap(inside));
  const subgraphs = takeSubgraphs(transaction, fragment.subgraphs ?? []);
  const { graph, library } = transaction;
  const renamed = new Map<string, string>();
  const moved = (p: { x: number; y: number }) => ({ x: p.x + offset.x, y: p.y + offset.y });
  for (const given of fragment.nodes) {
    const { keepsIds, ...node } = retyped(given, subgraphs);
    const id = newId(node.id.replace(/-\d+$/, ""), (taken) => kept.has(taken) || records.hasNode(taken));
    const keeps = keeping.includes(given) && { keepsIds };
    transaction.addNode({ ...migrateNode(node, library, []), ...keeps, id, position: moved(node.position) });
    renamed.set(node.id, id);
  }
  const frames: string[] = [];
  for (const frame of fragment.frames) {
    const id = newId("frame", (taken) => graph.frames.has(taken));
    transaction.addFrame({ ...frame, id, position: moved(frame.position) });
    frames.push(id);
  }
  for (const edge of fragment.edges) {
    const from = renamed.get(edge.from.node);
    const to = renamed.get(edge.to.node);
    if (from === undefined || to === undefined) continue;
    try {
      const via = edge.via && { via: edge.via.map(moved) };
      transaction.connect({ ...edge, from: { ...edge.from, node: from }, to: { ...edge.to, node: to }, ...via });
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
    }
  }
  return { nodes: [...renamed.values()], frames };
}

/** An instance as one of the subgraph's new id. */
export const retyped = (node: GraphNode, renamed: ReadonlyMap<string, string>): GraphNode => {
  const id = renamed.get(subgraphIdOf(node) ?? "");
  return id === undefined ? node : { ...node, type: instanceType(id) };
};

/** Adds the subgraphs that come along, under new ids where another has theirs. Those that are equal, inside too, are the same. */
export function takeSubgraphs(transaction: Transaction, subgraphs: readonly Subgraph[]): Map<string, string> {
  const { document } = transaction;
  const coming = new Map(subgraphs.map((subgraph) => [subgraph.id, subgraph]));
  const isHere = ({ id, nodes }: Subgraph): boolean =>
    [id, ...usedSubgraphs(nodes, (inner) => coming.get(inner)).keys()].every(
      (each) => canonicalJson(document.records.subgraph(each)) === canonicalJson(coming.get(each)),
    );
  const added = subgraphs.filter((subgraph) => !isHere(subgraph));
  const renamed = new Map(subgraphs.map(({ id }) => [id, id]));
  for (const { id } of added) {
    const isTaken = (wish: string) => document.records.heads.has(wish) || [...renamed.values()].includes(wish);
    renamed.set(id, newId(id, isTaken));
  }
  for (const { id, ...subgraph } of added) {
    const nodes = subgraph.nodes.map((node) => retyped(node, renamed));
    document.putSubgraph({ ...subgraph, id: renamed.get(id) ?? id, nodes });
  }
  return renamed;
}
