import { dragThreshold, type Gesture, type GestureHost, type PointerState } from "../gestureHost";

/** Moves the view; without moving it is a click. */
export function panView(host: GestureHost, start: PointerState, onClick: (pointer: PointerState) => void): Gesture {
  const from = host.session.viewport;
  let moved = false;
  return {
    cursor: "grabbing",
    move({ screen }) {
      const dx = screen.x - start.screen.x;
      const dy = screen.y - start.screen.y;
      moved ||= Math.hypot(dx, dy) > dragThreshold(start);
      if (moved) host.setViewport({ x: from.x + dx, y: from.y + dy, zoom: from.zoom });
    },
    up(pointer) {
      if (!moved) onClick(pointer);
    },
    cancel() {},
  };
}
