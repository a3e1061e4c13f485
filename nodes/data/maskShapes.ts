/** Regions to be generated anew, as binary masks [H, W]: 1 inside. Every shape covers about `share` of the picture. */
import type { RandomStream } from "@distillery/shared/graph/node";

export interface MaskSize {
  readonly height: number;
  readonly width: number;
}

export const MASK_SHAPES = ["rectangle", "blob", "half-plane"] as const;
export type MaskShape = (typeof MASK_SHAPES)[number];

/** A rectangle by its left upper corner and its sides, as shares of the picture; at least one pixel. */
export function rectangle(
  { height, width }: MaskSize,
  box: { left: number; top: number; width: number; height: number },
): Float32Array {
  const [left, right] = range(box.left, box.width, width);
  const [top, bottom] = range(box.top, box.height, height);
  return filled({ height, width }, (x, y) => x >= left && x < right && y >= top && y < bottom);
}

function range(from: number, length: number, size: number): [number, number] {
  const first = Math.min(Math.round(from * size), size - 1);
  return [first, Math.max(Math.round((from + length) * size), first + 1)];
}

export function drawMask(shape: MaskShape, size: MaskSize, share: number, random: RandomStream): Float32Array {
  switch (shape) {
    case "rectangle":
      return randomRectangle(size, share, random);
    case "blob":
      return blob(size, share, random);
    case "half-plane":
      return halfPlane(size, share, random);
  }
}

/** Sides w h = share with w / h between 1/2 and 2 (as far as it fits), anywhere inside. */
function randomRectangle(size: MaskSize, share: number, random: RandomStream): Float32Array {
  const aspect = 2 ** (2 * random.uniform() - 1);
  const width = Math.min(Math.max(Math.sqrt(share * aspect), share), 1);
  const height = Math.min(share / width, 1);
  const left = random.uniform() * (1 - width);
  return rectangle(size, { left, top: random.uniform() * (1 - height), width, height });
}

/** One side of a straight line in a random direction: the pixels that lie furthest that way. */
function halfPlane(size: MaskSize, share: number, random: RandomStream): Float32Array {
  const angle = 2 * Math.PI * random.uniform();
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const along = Array.from({ length: size.height * size.width }, (_, i) => {
    const x = (i % size.width) + 0.5 - size.width / 2;
    return dx * x + dy * (Math.floor(i / size.width) + 0.5 - size.height / 2);
  });
  const limit = [...along].sort((a, b) => b - a)[Math.max(Math.round(share * along.length), 1) - 1] as number;
  return Float32Array.from(along, (value) => (value >= limit ? 1 : 0));
}

/** A thick stroke that wanders until it covers the share, as somebody would paint it. */
function blob(size: MaskSize, share: number, random: RandomStream): Float32Array {
  const { height, width } = size;
  const mask = new Float32Array(height * width);
  const wanted = Math.max(Math.round(share * mask.length), 1);
  const side = Math.sqrt(height * width);
  let [x, y] = [width * random.uniform(), height * random.uniform()];
  let heading = 2 * Math.PI * random.uniform();
  let covered = 0;
  while (covered < wanted) {
    const radius = side * (0.08 + 0.12 * random.uniform());
    covered += paint(mask, size, x, y, radius);
    heading += 1.5 * (random.uniform() - 0.5);
    // At the border the stroke turns back.
    x = reflect(x + radius * Math.cos(heading), width);
    y = reflect(y + radius * Math.sin(heading), height);
  }
  return mask;
}

/** Fills a disc, its centre's pixel at least, and returns how many pixels that adds. */
function paint(mask: Float32Array, { height, width }: MaskSize, x: number, y: number, radius: number): number {
  let added = 0;
  for (let row = Math.max(Math.floor(y - radius), 0); row < Math.min(y + radius, height); row++) {
    for (let column = Math.max(Math.floor(x - radius), 0); column < Math.min(x + radius, width); column++) {
      const isInside = Math.hypot(column + 0.5 - x, row + 0.5 - y) <= Math.max(radius, 0.75);
      if (!isInside || mask[row * width + column] === 1) continue;
      mask[row * width + column] = 1;
      added++;
    }
  }
  return added;
}

const reflect = (value: number, size: number): number =>
  Math.min(Math.max(value < 0 ? -value : value > size ? 2 * size - value : value, 0), size);

const filled = ({ height, width }: MaskSize, isInside: (x: number, y: number) => boolean): Float32Array =>
  Float32Array.from({ length: height * width }, (_, i) => (isInside(i % width, Math.floor(i / width)) ? 1 : 0));
