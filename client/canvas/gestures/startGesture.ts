import type { Gesture, GestureHost, PointerState } from "../gestureHost";
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

const WIRE_TOLERANCE = 7;
const FLAT_ZOOM = 0.4;

/** Which gesture a press of the pointer begins; `null` when it is not for the canvas. */
export function startGesture(
  host: GestureHost,
  pointer: PointerState,
  underneath: Underneath,
  spaceHeld: boolean,
): Gesture | null {
  const { scene, session, documents } = host;
  if (pointer.button === 1 || spaceHeld) return panView(host, pointer, false);
  if (pointer.button !== 0) return null;

  const canDraw = !session.readOnly && session.viewport.zoom >= FLAT_ZOOM;
  const socket = canDraw ? scene.socketNear(pointer.world) : null;
  if (socket && documents.library.get(documents.graph().nodes.get(socket.node)?.type ?? ""))
    return drawWire(host, pointer, socket);

  const node = scene.nodeAt(pointer.world);
  if (node !== null) return pressNode(host, pointer, node);
  const point = scene.wirePointNear(pointer.world, WIRE_TOLERANCE / session.viewport.zoom);
  if (point !== null) return moveWirePoint(host, pointer, point);
  if (underneath.corner !== undefined && !session.readOnly) return resizeFrame(host, pointer, underneath.corner);
  if (underneath.frame !== undefined) return pressFrame(host, pointer, underneath.frame);
  if (pointer.shift || pointer.mod) return boxSelect(host, pointer);

  const wire = scene.wireNear(pointer.world, WIRE_TOLERANCE / session.viewport.zoom);
  if (wire !== null) {
    session.selectWire(wire);
    return panView(host, pointer, false);
  }
  return panView(host, pointer, true);
}

function pressNode(host: GestureHost, pointer: PointerState, id: string): Gesture {
  const { session, documents } = host;
  const wasSelected = session.selectedNodes.has(id);
  const adds = pointer.shift || pointer.mod;
  if (!wasSelected && adds) session.select([...session.selectedNodes, id], session.selectedFrames);
  else if (!wasSelected) session.select([id]);
  const lead = documents.graph().nodes.get(id)?.position ?? pointer.world;
  return dragSelection(host, pointer, lead, () => {
    if (wasSelected && adds) session.toggleNode(id);
    else if (wasSelected) session.select([id]);
  });
}

function pressFrame(host: GestureHost, pointer: PointerState, id: string): Gesture {
  const { session, documents } = host;
  if (!session.selectedFrames.has(id)) session.select(pointer.shift ? session.selectedNodes : [], [id]);
  const lead = documents.graph().frames.get(id)?.position ?? pointer.world;
  return dragSelection(host, pointer, lead, () => undefined);
}
