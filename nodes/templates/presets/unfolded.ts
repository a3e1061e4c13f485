import type { GraphDocument, GraphFrame, GraphNode } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { isBorder, subgraphIdOf } from "@distillery/shared/graph/subgraph";

/** Room between frames, above the nodes in one, beside them, and for the tallest card. */
const GAP = 12;
const HEAD = 64;
const MARGIN = 14;
const CARD = { width: 220, height: 420 };

/**
 * The template without subgraphs, each one's content in a frame of its name, from left to right: presets change nodes
 * wherever they are, and wire anew across what were borders.
 */
export function unfolded(template: GraphDocument): GraphDocument {
  const { subgraphs = [], nodes } = template;
  if (subgraphs.length === 0) return template;
  const frames: GraphFrame[] = [];
  const positions = new Map<string, GraphNode["position"]>();
  const top = Math.max(...template.frames.map(({ position, size }) => position.y + size.height)) + GAP;
  let left = Math.min(...template.frames.map(({ position }) => position.x));
  const folded = nodes.flatMap((node) => subgraphs.find(({ id }) => id === subgraphIdOf(node)) ?? []);
  const plain = { id: "beside", name: "Results", description: "", nodes: nodes.filter((node) => !subgraphIdOf(node)) };
  for (const { id, name, description, nodes: all } of [...folded, plain]) {
    const content = all.filter((node) => !isBorder(node));
    if (content.length === 0) continue;
    const span = (axis: "x" | "y") => content.map(({ position }) => position[axis]);
    const corner = { x: Math.min(...span("x")), y: Math.min(...span("y")) };
    const width = Math.max(...span("x")) - corner.x + CARD.width + 2 * MARGIN;
    const height = Math.max(...span("y")) - corner.y + CARD.height + HEAD;
    const position = { x: left, y: top };
    frames.push({ id: `frame-${id}`, title: name, text: description, position, size: { width, height } });
    for (const node of content) {
      const { x, y } = node.position;
      positions.set(node.id, { x: left + MARGIN + x - corner.x, y: top + HEAD + y - corner.y });
    }
    left += width + GAP;
  }
  const flat = flatDocument(template);
  return {
    ...flat,
    nodes: flat.nodes.map((node) => ({ ...node, position: positions.get(node.id) ?? node.position })),
    frames: [...template.frames.filter(({ id }) => id === "frame-note"), ...frames],
  };
}
