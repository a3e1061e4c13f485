import { copyFragment, parseFragment, pasteFragment } from "../../document/clipboard";
import { type Gesture, type GestureHost, type PointerState, snap } from "../gestureHost";
import { contains } from "../spatialIndex";
import type { Point } from "../wirePath";

const THRESHOLD = 3;

/** Nodes whose middle lies in a frame: they move with it. */
function nodesInFrames(host: GestureHost, frames: ReadonlySet<string>): string[] {
  return [...frames].flatMap((id) => {
    const frame = host.documents.graph().frames.get(id);
    if (!frame) return [];
    const box = { ...frame.position, ...frame.size };
    return host.scene.nodes.query(box).filter((node) => {
      const rect = host.scene.rect(node);
      return rect !== undefined && contains(box, rect.x + rect.width / 2, rect.y + rect.height / 2);
    });
  });
}

/** Moves the selected nodes and frames as one step; with Alt, copies of them. */
export function dragSelection(host: GestureHost, start: PointerState, lead: Point, onClick: () => void): Gesture {
  const { documents, session } = host;
  let nodes: [string, Point][] = [];
  let frames: [string, Point][] = [];
  let dragging = false;

  function begin(): void {
    dragging = true;
    documents.begin(start.alt ? "Duplicate" : "Move");
    if (start.alt) duplicate();
    const graph = documents.graph();
    const ids = new Set([...session.selectedNodes, ...nodesInFrames(host, session.selectedFrames)]);
    nodes = [...ids].flatMap((id) => graph.nodes.get(id) ?? []).map((node) => [node.id, node.position]);
    frames = [...session.selectedFrames]
      .flatMap((id) => graph.frames.get(id) ?? [])
      .map((frame) => [frame.id, frame.position]);
  }
  function duplicate(): void {
    const fragment = parseFragment(copyFragment(documents.graph(), session.selectedNodes, session.selectedFrames));
    if (!fragment) return;
    const pasted = documents.edit("Duplicate", (t) => pasteFragment(t, fragment, { x: 0, y: 0 }));
    session.select(pasted.nodes, pasted.frames);
  }

  return {
    cursor: "grabbing",
    move({ world, screen }) {
      if (!dragging) {
        if (Math.hypot(screen.x - start.screen.x, screen.y - start.screen.y) < THRESHOLD || session.readOnly) return;
        begin();
      }
      const raw = { x: world.x - start.world.x, y: world.y - start.world.y };
      const shift = session.snapToGrid
        ? { x: snap(lead.x + raw.x) - lead.x, y: snap(lead.y + raw.y) - lead.y }
        : { x: Math.round(raw.x), y: Math.round(raw.y) };
      const moved = (from: Point) => ({ x: from.x + shift.x, y: from.y + shift.y });
      documents.edit("Move", (t) => {
        for (const [id, from] of nodes) t.updateNode(id, { position: moved(from) });
        for (const [id, from] of frames) t.updateFrame(id, { position: moved(from) });
      });
    },
    up() {
      if (dragging) documents.commit();
      else onClick();
    },
    cancel() {
      if (dragging) documents.cancel();
    },
  };
}
