/** What goes along when a selection is moved: what frames hold, and the points that wires are led through. */
import type { GraphView } from "../document/records";
import type { Transaction } from "../document/transaction";
import type { Scene } from "./scene";
import { boundsOf, contains, type Rect } from "./spatialIndex";
import type { Point } from "./wirePath";

export interface MovedParts {
  readonly nodes: ReadonlyMap<string, Point>;
  readonly frames: ReadonlyMap<string, Point>;
  /** Wire -> all its points, and which of them move. */
  readonly wires: ReadonlyMap<string, { readonly via: readonly Point[]; readonly moves: readonly boolean[] }>;
}

const middle = (rect: Rect): Point => ({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });
const holds = (outer: Rect, p: Point): boolean => contains(outer, p.x, p.y);

/** The parts that move with `nodes` and `frames`, where they are now. Pinned nodes stay. */
export function movedParts(
  graph: GraphView,
  scene: Scene,
  nodes: Iterable<string>,
  frames: Iterable<string>,
): MovedParts {
  const movedFrames = new Map([...frames].flatMap((id) => withFrame(graph, id)));
  const boxes: Rect[] = [];
  for (const id of movedFrames.keys()) {
    const frame = graph.frames.get(id);
    if (!frame || frame.kind === "note") continue;
    const box = { ...frame.position, ...frame.size };
    boxes.push(box);
    for (const [inner, { position, size }] of graph.frames)
      if (
        inner !== id &&
        holds(box, position) &&
        holds(box, { x: position.x + size.width, y: position.y + size.height })
      )
        movedFrames.set(inner, position);
  }
  const held = boxes.flatMap((box) => scene.nodes.query(box).filter((id) => holds(box, middle(scene.rect(id)!))));
  const movedNodes = new Map(
    [...nodes, ...held].flatMap((id) => {
      const node = graph.nodes.get(id);
      return node && !node.pinned ? [[id, node.position] as const] : [];
    }),
  );
  const around = boundsOf([...[...movedNodes.keys()].flatMap((id) => scene.rect(id) ?? []), ...boxes]);
  const wires = new Map<string, { via: readonly Point[]; moves: boolean[] }>();
  for (const id of movedNodes.keys())
    for (const key of graph.edgesOf(id)) {
      const edge = graph.edges.get(key);
      if (!edge?.via || wires.has(key)) continue;
      const whole = movedNodes.has(edge.from.node) && movedNodes.has(edge.to.node);
      const moves = edge.via.map((p) => whole || (around !== null && holds(around, p)));
      if (moves.includes(true)) wires.set(key, { via: edge.via, moves });
    }
  return { nodes: movedNodes, frames: movedFrames, wires };
}

/** Moves them by `shift` from where they were. */
export function moveParts(t: Transaction, { nodes, frames, wires }: MovedParts, shift: Point): void {
  const moved = ({ x, y }: Point) => ({ x: x + shift.x, y: y + shift.y });
  for (const [id, from] of nodes) t.updateNode(id, { position: moved(from) });
  for (const [id, from] of frames) t.updateFrame(id, { position: moved(from) });
  for (const [key, { via, moves }] of wires)
    t.routeWire(
      key,
      via.map((p, i) => (moves[i] ? moved(p) : p)),
    );
}

function withFrame(graph: GraphView, id: string): (readonly [string, Point])[] {
  const frame = graph.frames.get(id);
  return frame ? [[id, frame.position]] : [];
}
