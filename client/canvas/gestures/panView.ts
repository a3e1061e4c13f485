import type { Gesture, GestureHost, PointerState } from "../gestureHost";

const CLICK = 4;

/** Moves the view; without moving it is a click on empty canvas, which clears the selection. */
export function panView(host: GestureHost, start: PointerState, clears: boolean): Gesture {
  const from = host.session.viewport;
  let moved = false;
  return {
    cursor: "grabbing",
    move({ screen }) {
      const dx = screen.x - start.screen.x;
      const dy = screen.y - start.screen.y;
      moved ||= Math.hypot(dx, dy) > CLICK;
      if (moved) host.setViewport({ x: from.x + dx, y: from.y + dy, zoom: from.zoom });
    },
    up() {
      if (!moved && clears) host.session.clearSelection();
    },
    cancel() {},
  };
}
