/** Arrow keys on the canvas: left and right follow wires, up and down go to the next node in the column. */
import type { GraphView } from "../document/records";
import type { Rect } from "./spatialIndex";

export type Direction = "left" | "right" | "up" | "down";

const middle = (rect: Rect) => ({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });

/** The node that an arrow key leads to, or `null` at the end of the way. */
export function walkFrom(
  graph: GraphView,
  rectOf: (id: string) => Rect | undefined,
  from: string,
  direction: Direction,
): string | null {
  const start = rectOf(from);
  if (!start) return null;
  const origin = middle(start);
  const candidates =
    direction === "left" || direction === "right" ? linked(graph, from, direction) : graph.nodes.keys();
  let best: string | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const id of candidates) {
    const rect = id === from ? undefined : rectOf(id);
    if (!rect) continue;
    const at = middle(rect);
    const along = direction === "up" ? origin.y - at.y : at.y - origin.y;
    if ((direction === "up" || direction === "down") && along <= 0) continue;
    const isVertical = direction === "up" || direction === "down";
    const cost = isVertical ? along + 3 * Math.abs(at.x - origin.x) : Math.abs(at.y - origin.y);
    if (cost < bestCost) {
      best = id;
      bestCost = cost;
    }
  }
  return best;
}

function linked(graph: GraphView, from: string, direction: "left" | "right"): string[] {
  return [...graph.edgesOf(from)].flatMap((key) => {
    const edge = graph.edges.get(key);
    if (!edge) return [];
    if (direction === "right") return edge.from.node === from ? [edge.to.node] : [];
    return edge.to.node === from ? [edge.from.node] : [];
  });
}
