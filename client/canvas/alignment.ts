/** Lining boxes up and spacing them evenly: where each top left corner goes. */
import { boundsOf, type Rect } from "./spatialIndex";
import type { Point } from "./wirePath";

export const ALIGNMENTS = ["left", "centre", "right", "top", "middle", "bottom"] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

/** On the edge or the middle line of the box around all. */
export function aligned(boxes: ReadonlyMap<string, Rect>, how: Alignment): Map<string, Point> {
  const around = boundsOf(boxes.values());
  const moves = new Map<string, Point>();
  if (!around) return moves;
  for (const [id, box] of boxes) {
    const spareX = around.width - box.width;
    const spareY = around.height - box.height;
    const x = { left: 0, centre: spareX / 2, right: spareX }[how as "left" | "centre" | "right"];
    const y = { top: 0, middle: spareY / 2, bottom: spareY }[how as "top" | "middle" | "bottom"];
    moves.set(id, {
      x: x === undefined ? box.x : Math.round(around.x + x),
      y: y === undefined ? box.y : Math.round(around.y + y),
    });
  }
  return moves;
}

/** Equal gaps along an axis; the outermost two stay where they are, unless all would overlap: then they touch. */
export function distributed(boxes: ReadonlyMap<string, Rect>, axis: "x" | "y"): Map<string, Point> {
  const length = axis === "x" ? "width" : "height";
  const sorted = [...boxes].sort(([, a], [, b]) => a[axis] + a[length] / 2 - (b[axis] + b[length] / 2));
  const [first, last] = [sorted[0]?.[1], sorted.at(-1)?.[1]];
  const moves = new Map<string, Point>();
  if (!first || !last) return moves;
  const room = last[axis] + last[length] - first[axis] - sorted.reduce((sum, [, box]) => sum + box[length], 0);
  const gap = Math.max(0, room / Math.max(1, sorted.length - 1));
  let at = first[axis];
  for (const [id, box] of sorted) {
    moves.set(id, axis === "x" ? { x: Math.round(at), y: box.y } : { x: box.x, y: Math.round(at) });
    at += box[length] + gap;
  }
  return moves;
}
