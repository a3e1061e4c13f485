import type { GraphDocument, GraphFrame, GraphNode } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { isBorder, subgraphIdOf } from "@distillery/shared/graph/subgraph";

/** Room between frames, above the nodes in one, beside them, between columns, and for the tallest card. */
const GAP = 12;
const HEAD = 64;
const MARGIN = 14;
const COLUMN_GAP = 40;
const CARD = { width: 220, height: 420 };
/** A frame that would end beyond begins a new row. */
const ROW_WIDTH = 2400;

interface Group extends Pick<GraphFrame, "id" | "title" | "text" | "color"> {
  readonly nodes: readonly GraphNode[];
  /** Where it begins in the template. */
  readonly x: number;
}

/**
 * The template without subgraphs, in the order of its own sheet from left to right, in rows: each subgraph's content in a
 * frame of its name, and what was not folded in the frames it lay in. Presets change nodes wherever they are, and wire anew across
 * what were borders.
 */
export function unfolded(template: GraphDocument): GraphDocument {
  if ((template.subgraphs ?? []).length === 0) return template;
  const frames: GraphFrame[] = [];
  const positions = new Map<string, GraphNode["position"]>();
  let top = Math.max(...template.frames.map(({ position, size }) => position.y + size.height)) + GAP;
  let bottom = top;
  const start = Math.min(...template.frames.map(({ position }) => position.x));
  let left = start;
  for (const { nodes, x: _, ...group } of groupsOf(template)) {
    const span = (axis: "x" | "y") => nodes.map(({ position }) => position[axis]);
    const corner = { x: Math.min(...span("x")), y: Math.min(...span("y")) };
    const width = Math.max(...span("x")) - corner.x + CARD.width + 2 * MARGIN;
    const height = Math.max(...span("y")) - corner.y + CARD.height + HEAD;
    if (left > start && left + width > start + ROW_WIDTH) [left, top] = [start, bottom + GAP];
    frames.push({ ...group, position: { x: left, y: top }, size: { width, height } });
    for (const node of nodes) {
      const { x, y } = node.position;
      positions.set(node.id, { x: left + MARGIN + x - corner.x, y: top + HEAD + y - corner.y });
    }
    left += width + GAP;
    bottom = Math.max(bottom, top + height);
  }
  const flat = flatDocument(template);
  return {
    ...flat,
    nodes: flat.nodes.map((node) => ({ ...node, position: positions.get(node.id) ?? node.position })),
    frames: [...template.frames.filter(({ id }) => id === "frame-note"), ...frames],
  };
}

function groupsOf({ nodes, frames, subgraphs = [] }: GraphDocument): readonly Group[] {
  const parts = nodes.flatMap((node): Group[] => {
    const part = subgraphs.find(({ id }) => id === subgraphIdOf(node));
    if (part === undefined) return [];
    const content = part.nodes.filter((each) => !isBorder(each));
    return [{ id: `frame-${part.id}`, title: part.name, text: part.description, nodes: content, x: node.position.x }];
  });
  const plain = nodes.filter((node) => subgraphIdOf(node) === undefined);
  const rest = frames.map(({ position, size, ...frame }): Group => {
    return { ...frame, nodes: closedUp(plain.filter((node) => holds({ position, size }, node))), x: position.x };
  });
  return [...parts, ...rest].filter((group) => group.nodes.length > 0).sort((a, b) => a.x - b.x);
}

/** Whether a node lies in a frame. */
export const holds = (
  { position, size }: Pick<GraphFrame, "position" | "size">,
  { position: { x, y } }: GraphNode,
): boolean => x >= position.x && x < position.x + size.width && y >= position.y && y < position.y + size.height;

/** Without the columns that are empty now. */
function closedUp(nodes: readonly GraphNode[]): GraphNode[] {
  const columns = [...new Set(nodes.map(({ position }) => position.x))].sort((a, b) => a - b);
  return nodes.map((node) => {
    const x = columns.indexOf(node.position.x) * (CARD.width + COLUMN_GAP);
    return { ...node, position: { ...node.position, x } };
  });
}
