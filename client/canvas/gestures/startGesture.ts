import { type Gesture, type GestureHost, type PointerState, wireReach } from "../gestureHost";
import { boxSelect } from "./boxSelect";
import { dragSelection } from "./dragSelection";
import { drawWire } from "./drawWire";
import { moveWirePoint } from "./moveWirePoint";
import { panView } from "./panView";
import { resizeFrame } from "./resizeFrame";

/** What lies under the pointer besides nodes, sockets and wires, which the scene knows. */
export interface Underneath {
  /** A frame's title bar. */
  frame?: string;
  /** A frame's resize corner. */
  corner?: string;
}

/** Graph units; never so far that a card's head is all sockets. */
const socketReach = ({ touch }: PointerState, zoom: number): number | undefined =>
  touch ? Math.min(30, Math.max(13, 20 / zoom)) : undefined;
const nothing = (): void => undefined;
const FLAT_ZOOM = 0.4;

/** Which gesture a press of the pointer begins; `null` when it is not for the canvas. */
export function startGesture(
  host: GestureHost,
  pointer: PointerState,
  underneath: Underneath,
  spaceHeld: boolean,
): Gesture | null {
  const { scene, session, documents } = host;
  if (pointer.button === 1 || spaceHeld) return panView(host, pointer, nothing);
  if (pointer.button !== 0) return null;

  const canDraw = !session.readOnly && session.viewport.zoom >= FLAT_ZOOM;
  const socket = canDraw ? scene.socketNear(pointer.world, socketReach(pointer, session.viewport.zoom)) : null;
  if (socket && documents.library.get(documents.graph().nodes.get(socket.node)?.type ?? ""))
    return drawWire(host, pointer, socket);

  const node = scene.nodeAt(pointer.world);
  if (node !== null) return pressNode(host, pointer, node);
  const reach = wireReach(pointer) / session.viewport.zoom;
  const point = scene.wirePointNear(pointer.world, reach);
  if (point !== null) return moveWirePoint(host, pointer, point);
  if (underneath.corner !== undefined && !session.readOnly) return resizeFrame(host, pointer, underneath.corner);
  if (underneath.frame !== undefined) return pressFrame(host, pointer, underneath.frame);
  if (pointer.shift || pointer.mod) return boxSelect(host, pointer);

  const wire = scene.wireNear(pointer.world, reach);
  return panView(host, pointer, () => (wire === null ? session.clearSelection() : session.selectWire(wire)));
}

/** Puts back what is selected now. */
function selectionOf({ session }: GestureHost): () => void {
  const { selectedNodes, selectedFrames, selectedEdge, selectedPoint } = session;
  return () =>
    selectedEdge === null
      ? session.select(selectedNodes, selectedFrames)
      : session.selectWire(selectedEdge, selectedPoint);
}
/** A drag that was called off leaves the selection as it was before the press. */
function withSelection(putBack: () => void, drag: Gesture): Gesture {
  return {
    ...drag,
    cancel() {
      drag.cancel();
      putBack();
    },
  };
}

function pressNode(host: GestureHost, pointer: PointerState, id: string): Gesture {
  const { session, documents } = host;
  // Nothing can be moved: the view is.
  if (session.readOnly && !pointer.shift && !pointer.mod) return panView(host, pointer, () => session.select([id]));
  const putBack = selectionOf(host);
  const wasSelected = session.selectedNodes.has(id);
  const adds = pointer.shift || pointer.mod;
  if (!wasSelected && adds) session.select([...session.selectedNodes, id], session.selectedFrames);
  else if (!wasSelected) session.select([id]);
  const lead = documents.graph().nodes.get(id)?.position ?? pointer.world;
  const drag = dragSelection(host, pointer, lead, () => {
    if (wasSelected && adds) session.toggleNode(id);
    else if (wasSelected) session.select([id]);
  });
  return withSelection(putBack, drag);
}

function pressFrame(host: GestureHost, pointer: PointerState, id: string): Gesture {
  const { session, documents } = host;
  if (session.readOnly) return panView(host, pointer, () => session.select([], [id]));
  const putBack = selectionOf(host);
  if (!session.selectedFrames.has(id)) session.select(pointer.shift ? session.selectedNodes : [], [id]);
  const lead = documents.graph().frames.get(id)?.position ?? pointer.world;
  return withSelection(putBack, dragSelection(host, pointer, lead, nothing));
}
