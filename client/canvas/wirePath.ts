/** The way of a wire: cubic Beziers that leave to the right and arrive from the left, through the points it is led through. */
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

/** One curve, or one from point to point; each runs on in the direction of its neighbours, so that the wire has no corners. */
export function wireCurves(from: Point, to: Point, via: readonly Point[] = []): readonly Curve[] {
  if (via.length === 0) return [wireCurve(from, to)];
  const stops = [from, ...via, to];
  const direction = (i: number): Point => {
    const [before, after] = [stops[i - 1], stops[i + 1]];
    if (!before || !after) return { x: 1, y: 0 };
    const length = Math.hypot(after.x - before.x, after.y - before.y) || 1;
    return { x: (after.x - before.x) / length, y: (after.y - before.y) / length };
  };
  return stops.slice(1).map((end, i): Curve => {
    const start = stops[i]!;
    const reach = Math.hypot(end.x - start.x, end.y - start.y) * 0.36;
    const [out, into] = [direction(i), direction(i + 1)];
    return [
      start,
      { x: start.x + out.x * reach, y: start.y + out.y * reach },
      { x: end.x - into.x * reach, y: end.y - into.y * reach },
      end,
    ];
  });
}

/** The middle of a wire, for what is said about it. */
export function middleOf(curves: readonly Curve[]): Point {
  const half = curves.length / 2;
  return pointOn(curves[Math.ceil(half) - 1]!, half === Math.floor(half) ? 1 : 0.5);
}

/** The stretch of a wire that a point is nearest to, and how near. */
export function nearestCurve(curves: readonly Curve[], point: Point): { index: number; distance: number } {
  let best = { index: 0, distance: Number.POSITIVE_INFINITY };
  for (const [index, curve] of curves.entries()) {
    const distance = distanceToCurve(curve, point);
    if (distance < best.distance) best = { index, distance };
  }
  return best;
}

export function pointOn([a, b, c, d]: Curve, t: number): Point {
  const u = 1 - t;
  const wa = u * u * u;
  const wb = 3 * u * u * t;
  const wc = 3 * u * t * t;
  const wd = t * t * t;
  return { x: wa * a.x + wb * b.x + wc * c.x + wd * d.x, y: wa * a.y + wb * b.y + wc * c.y + wd * d.y };
}

/** A box that holds the curves: a Bezier stays inside the hull of its control points. */
export function curveBounds(curves: readonly Curve[]): Rect {
  const xs = curves.flatMap((curve) => curve.map((p) => p.x));
  const ys = curves.flatMap((curve) => curve.map((p) => p.y));
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
