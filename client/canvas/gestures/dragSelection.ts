import { copyFragment, parseFragment, pasteFragment } from "../../document/clipboard";
import { insertInto } from "../../document/insertion";
import { say } from "../../language";
import { dragThreshold, type Gesture, type GestureHost, type PointerState, snap } from "../gestureHost";
import { type MovedParts, movedParts, moveParts } from "../movedParts";
import type { Point } from "../wirePath";
import { type WireUnder, wireUnder } from "../wireUnder";

const { edits } = say.document;
const NOTHING: MovedParts = { nodes: new Map(), frames: new Map(), wires: new Map() };

/** Moves the selected nodes and frames as one step; with Alt, copies of them. One node let go on a wire goes into it. */
export function dragSelection(host: GestureHost, start: PointerState, lead: Point, onClick: () => void): Gesture {
  const { documents, session, scene } = host;
  let parts = NOTHING;
  let dragging = false;
  let under: WireUnder | null = null;

  function begin(): void {
    dragging = true;
    documents.begin(start.alt ? edits.duplicate : edits.move);
    if (start.alt) duplicate();
    parts = movedParts(documents.graph(), scene, session.selectedNodes, session.selectedFrames);
  }
  function duplicate(): void {
    const fragment = parseFragment(copyFragment(documents.graph(), session.selectedNodes, session.selectedFrames));
    if (!fragment) return;
    const pasted = documents.edit(edits.duplicate, (t) => pasteFragment(t, fragment, { x: 0, y: 0 }));
    session.select(pasted.nodes, pasted.frames);
  }
  function showWire(pointer: PointerState): void {
    const [only] = parts.nodes.keys();
    const node =
      parts.nodes.size === 1 && parts.frames.size === 0 && only ? documents.graph().nodes.get(only) : undefined;
    const definition = node && documents.library.get(node.type);
    under = node && definition ? wireUnder(host, pointer, definition, node.id, under) : null;
    host.setOverlay({ insertion: under?.curves ?? null });
  }
  function finish(): void {
    host.setOverlay({ insertion: null });
  }

  return {
    cursor: "grabbing",
    isUnderWay: () => dragging,
    move(pointer) {
      const { world, screen } = pointer;
      if (!dragging) {
        if (Math.hypot(screen.x - start.screen.x, screen.y - start.screen.y) < dragThreshold(start) || session.readOnly)
          return;
        begin();
      }
      const raw = { x: world.x - start.world.x, y: world.y - start.world.y };
      const shift = session.snapToGrid
        ? { x: snap(lead.x + raw.x) - lead.x, y: snap(lead.y + raw.y) - lead.y }
        : { x: Math.round(raw.x), y: Math.round(raw.y) };
      documents.edit(edits.move, (t) => moveParts(t, parts, shift));
      showWire(pointer);
    },
    up() {
      if (!dragging) {
        onClick();
        return;
      }
      const [node] = parts.nodes.keys();
      const into = under;
      if (into && node) documents.edit(edits.insertIntoWire, (t) => insertInto(t, into.wire, node, into.insertion));
      documents.commit();
      finish();
    },
    cancel() {
      if (dragging) documents.cancel();
      finish();
    },
  };
}
