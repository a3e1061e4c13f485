/** Rigid motion of a flat picture through the frames of a clip, and its optical flow, which is exact. */
import type { RandomStream } from "@distillery/shared/graph/node";

/** Where a picture lies in a frame. */
export interface Pose {
  /** Of the picture's centre, from the frame's centre, in pixels of the frame. */
  readonly x: number;
  readonly y: number;
  /** Radians. */
  readonly angle: number;
  /** 1: the picture is as wide as the frame. */
  readonly scale: number;
}

/** Bounds a path through a clip is drawn within. */
export interface MotionRange {
  /** Largest distance of the centre from the frame's, in pixels. */
  readonly reach: number;
  /** Pixels a frame, at most. */
  readonly speed: number;
  /** Radians a frame, at most. */
  readonly turn: number;
  readonly scale: readonly [low: number, high: number];
  /** Whether the scale changes within a clip. */
  readonly zooms: boolean;
}

const between = (low: number, high: number, share: number): number => low + (high - low) * share;

/** A straight, even path of `frames` poses: the scale by equal factors, everything else by equal steps. */
export function drawPath(frames: number, range: MotionRange, random: RandomStream): Pose[] {
  const steps = Math.max(frames - 1, 1);
  const half = Math.min((between(0.4, 1, random.uniform()) * range.speed * steps) / 2, range.reach);
  const direction = 2 * Math.PI * random.uniform();
  const [dx, dy] = [half * Math.cos(direction), half * Math.sin(direction)];
  const room = range.reach - half;
  const [midX, midY] = [room * between(-1, 1, random.uniform()), room * between(-1, 1, random.uniform())];
  const turned = range.turn * steps * between(-1, 1, random.uniform());
  const [low, high] = range.scale;
  const first = between(low, high, random.uniform());
  const last = range.zooms ? between(low, high, random.uniform()) : first;
  return Array.from({ length: frames }, (_, frame) => {
    const at = frames === 1 ? 0 : (2 * frame) / steps - 1;
    return {
      x: midX + at * dx,
      y: midY + at * dy,
      angle: (at * turned) / 2,
      scale: first * (last / first) ** ((at + 1) / 2),
    };
  });
}

/** A map of the plane: (x, y) -> (a x - b y + c, b x + a y + d). */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** From the picture, in units in which it is as wide as the frame, to the frame; both from their centres. */
const placing = ({ x, y, angle, scale }: Pose): Similarity => ({
  a: scale * Math.cos(angle),
  b: scale * Math.sin(angle),
  c: x,
  d: y,
});

/** From the frame to the picture, both from their centres. */
export function lookingUp(pose: Pose): Similarity {
  const { a, b, c, d } = placing(pose);
  const norm = a * a + b * b;
  return { a: a / norm, b: -b / norm, c: -(a * c + b * d) / norm, d: (b * c - a * d) / norm };
}

export const mapX = ({ a, b, c }: Similarity, x: number, y: number): number => a * x - b * y + c;
export const mapY = ({ a, b, d }: Similarity, x: number, y: number): number => b * x + a * y + d;

/**
 * Forward flow of a size x size clip as [F - 1, 3, size, size]: how far what is seen at a pixel has gone in the next
 * frame, right and down, in pixels; and 1 where it is still inside the frame then, else 0.
 */
export function writeFlow(path: readonly Pose[], size: number, out: Float32Array, offset: number): void {
  const centre = (size - 1) / 2;
  const plane = size * size;
  for (let frame = 0; frame + 1 < path.length; frame++) {
    const [from, to] = [lookingUp(path[frame] as Pose), placing(path[frame + 1] as Pose)];
    const base = offset + 3 * frame * plane;
    for (let i = 0; i < plane; i++) {
      const [x, y] = [(i % size) - centre, Math.floor(i / size) - centre];
      const [u, v] = [mapX(from, x, y), mapY(from, x, y)];
      const [nextX, nextY] = [mapX(to, u, v), mapY(to, u, v)];
      out[base + i] = nextX - x;
      out[base + plane + i] = nextY - y;
      out[base + 2 * plane + i] = Math.max(Math.abs(nextX), Math.abs(nextY)) <= centre ? 1 : 0;
    }
  }
}
