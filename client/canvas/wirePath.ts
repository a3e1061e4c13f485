/** The curve of a wire: a cubic Bezier that leaves to the right and arrives from the left. */
import type { Rect } from "./spatialIndex";

export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Curve = readonly [Point, Point, Point, Point];

/** How far a wire that runs back bends below its ends, so that it passes under the cards. */
const BOW = 250;

export function wireCurve(from: Point, to: Point): Curve {
  const dx = to.x - from.x;
  const dy = Math.abs(to.y - from.y);
  if (dx >= 0) {
    const reach = Math.max(28, dx * 0.5);
    return [from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to];
  }
  const reach = Math.min(220, 70 + Math.abs(dx) * 0.3);
  const bow = Math.max(0, BOW - dy);
  return [from, { x: from.x + reach, y: from.y + bow }, { x: to.x - reach, y: to.y + bow }, to];
}

export function pointOn([a, b, c, d]: Curve, t: number): Point {
  const u = 1 - t;
  const wa = u * u * u;
  const wb = 3 * u * u * t;
  const wc = 3 * u * t * t;
  const wd = t * t * t;
  return { x: wa * a.x + wb * b.x + wc * c.x + wd * d.x, y: wa * a.y + wb * b.y + wc * c.y + wd * d.y };
}

/** A box that holds the curve: a Bezier stays inside the hull of its control points. */
export function curveBounds(curve: Curve): Rect {
  const xs = curve.map((p) => p.x);
  const ys = curve.map((p) => p.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Distance of a point to the curve, along 32 chords. */
export function distanceToCurve(curve: Curve, point: Point): number {
  let best = Number.POSITIVE_INFINITY;
  let from = curve[0];
  for (let i = 1; i <= 32; i += 1) {
    const to = pointOn(curve, i / 32);
    best = Math.min(best, distanceToSegment(from, to, point));
    from = to;
  }
  return best;
}

function distanceToSegment(a: Point, b: Point, p: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}
