import type { Gesture, GestureHost } from "../gestureHost";
import { ZOOM } from "../reteView";
import type { Point } from "../wirePath";

interface Pair {
  readonly middle: Point;
  readonly gap: number;
}
const pairOf = ([a, b]: readonly [Point, Point]): Pair => ({
  middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
  gap: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)),
});

/** Two fingers hold two points of the graph: the view pans and zooms with them at once. */
export function pinchView(host: GestureHost, fingers: () => readonly [Point, Point]): Gesture {
  const from = host.session.viewport;
  const start = pairOf(fingers());
  return {
    move() {
      const { middle, gap } = pairOf(fingers());
      const zoom = Math.min(ZOOM.max, Math.max(ZOOM.min, (from.zoom * gap) / start.gap));
      const x = middle.x - ((start.middle.x - from.x) * zoom) / from.zoom;
      const y = middle.y - ((start.middle.y - from.y) * zoom) / from.zoom;
      host.setViewport({ x, y, zoom });
    },
    up() {},
    cancel() {},
  };
}
