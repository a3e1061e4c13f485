import { say } from "../../language";
import { dragThreshold, type Gesture, type GestureHost, type PointerState, snap } from "../gestureHost";
import type { WirePoint } from "../scene";

/** Drags a point that a wire is led through. */
export function moveWirePoint(host: GestureHost, start: PointerState, { wire, index }: WirePoint): Gesture {
  const { documents, session } = host;
  const via = documents.graph().edges.get(wire)?.via ?? [];
  const fit = (value: number) => (session.snapToGrid ? snap(value) : Math.round(value));
  let dragging = false;
  session.selectWire(wire, index);
  return {
    cursor: "grabbing",
    isUnderWay: () => dragging,
    move({ world, screen }) {
      if (!dragging) {
        if (Math.hypot(screen.x - start.screen.x, screen.y - start.screen.y) < dragThreshold(start) || session.readOnly)
          return;
        dragging = true;
        documents.begin(say.document.edits.moveWayPoint);
      }
      const moved = via.map((p, i) => (i === index ? { x: fit(world.x), y: fit(world.y) } : p));
      documents.edit(say.document.edits.moveWayPoint, (t) => t.routeWire(wire, moved));
    },
    up() {
      if (dragging) documents.commit();
    },
    cancel() {
      if (dragging) documents.cancel();
    },
  };
}
