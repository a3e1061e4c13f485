/** What the view shows of the graph, and in how much detail. */
import type { Viewport } from "../editor/sessionStore";
import type { Rect } from "./spatialIndex";

/** Below this zoom flat boxes are too small for titles. */
export const TITLES_ABOVE = 0.17;
/** Below this zoom nodes are flat boxes. */
export const FLAT_BELOW = 0.35;
/** Below this zoom the letters of cards fill the room that their rows leave, so that they can be read. */
export const LARGE_LETTERS_BELOW = 0.75;

export const viewRect = (viewport: Viewport, width: number, height: number, margin = 0): Rect => ({
  x: (-viewport.x - margin) / viewport.zoom,
  y: (-viewport.y - margin) / viewport.zoom,
  width: (width + 2 * margin) / viewport.zoom,
  height: (height + 2 * margin) / viewport.zoom,
});
