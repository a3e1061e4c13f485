/** How example graphs connect sockets: what is offered first where several would fit. */
import type { GraphDocument } from "@distillery/shared/graph/document";

export interface WireUsage {
  /** How often `from` (type and socket) feeds the input `socket` of nodes of type `type`; of any input when it is left out. */
  into(from: readonly [type: string, socket: string], type: string, socket?: string): number;
  /** How often the output `socket` of nodes of type `type` feeds `to`; any output when it is left out. */
  outOf(to: readonly [type: string, socket: string], type: string, socket?: string): number;
}

export function wireUsage(examples: readonly Pick<GraphDocument, "nodes" | "edges">[]): WireUsage {
  const counts = new Map<string, number>();
  const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const keyOf = (...parts: readonly string[]) => parts.join(" ");
  for (const { nodes, edges } of examples) {
    const typeOf = new Map(nodes.map(({ id, type }) => [id, type]));
    for (const { from, to } of edges) {
      const [source = "", target = ""] = [typeOf.get(from.node), typeOf.get(to.node)];
      add(keyOf("in", source, from.socket, target));
      add(keyOf("in", source, from.socket, target, to.socket));
      add(keyOf("out", target, to.socket, source));
      add(keyOf("out", target, to.socket, source, from.socket));
    }
  }
  const count = (side: string, end: readonly string[], type: string, socket?: string) =>
    counts.get(keyOf(side, ...end, type, ...(socket === undefined ? [] : [socket]))) ?? 0;
  return {
    into: (from, type, socket) => count("in", from, type, socket),
    outOf: (to, type, socket) => count("out", to, type, socket),
  };
}
