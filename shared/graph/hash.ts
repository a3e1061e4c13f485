/** Content hash of a document: what it computes, not how it looks. */
import type { GraphDocument } from "./document";
import { flatDocument } from "./flatten";

/** JSON with sorted keys, so equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/**
 * SHA-256 (hex) over everything that decides a result: node ids, types, versions, params, modes, edges and the seed.
 * Positions, titles, looks, the ways of wires, frames, viewport, name and description do not count, nor does the order of
 * nodes and edges, nor what is folded into subgraphs.
 */
export async function contentHash(document: GraphDocument): Promise<string> {
  const flat = flatDocument(document);
  const nodes = flat.nodes
    .map(({ id, type, version, params, mode }) => canonicalJson({ id, type, version: version ?? 1, params, mode }))
    .sort();
  const edges = flat.edges.map(({ from, to }) => canonicalJson({ from, to })).sort();
  return sha256Hex(new TextEncoder().encode(canonicalJson({ nodes, edges, seed: document.seed })));
}

export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
