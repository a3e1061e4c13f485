/** Copy and paste as plain JSON text, so that it works between tabs, browsers and text editors. */
import { edgeSchema, frameSchema, type GraphDocument, nodeSchema } from "@distillery/shared/graph/document";
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
});
export type Fragment = z.infer<typeof fragmentSchema>;
export interface Pasted {
  nodes: string[];
  frames: string[];
}

/** The chosen nodes and frames with the links among them, as text; "" when nothing is chosen. */
export function copyFragment(graph: GraphView, nodes: ReadonlySet<string>, frames: ReadonlySet<string>): string {
  const fragment: Fragment = {
    format: FRAGMENT_FORMAT,
    version: 1,
    nodes: [...graph.nodes.values()].filter((node) => nodes.has(node.id)),
    edges: [...graph.edges.values()].filter((edge) => nodes.has(edge.from.node) && nodes.has(edge.to.node)),
    frames: [...graph.frames.values()].filter((frame) => frames.has(frame.id)),
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
  const { graph, library } = transaction;
  const renamed = new Map<string, string>();
  const moved = (p: { x: number; y: number }) => ({ x: p.x + offset.x, y: p.y + offset.y });
  for (const node of fragment.nodes) {
    const id = newId(node.id.replace(/-\d+$/, ""), (taken) => graph.nodes.has(taken));
    transaction.addNode({ ...migrateNode(node, library, []), id, position: moved(node.position) });
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
      transaction.connect({ from: { ...edge.from, node: from }, to: { ...edge.to, node: to }, ...via });
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
    }
  }
  return { nodes: [...renamed.values()], frames };
}
