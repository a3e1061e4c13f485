/** Frames of a moving flat picture. */
import { lookingUp, mapX, mapY, type Pose } from "./motion";

/** A square picture [3, side, side] in [-1, 1]. */
export interface FlatPicture {
  readonly side: number;
  readonly values: Float32Array;
  /** What lies beside it: one colour, or its border going on. */
  readonly around: "white" | "border";
}

const WHITE = 1;

/**
 * Draws one frame [3, size, size]. Between pixels the picture is linear; where its pixels are smaller than the frame's,
 * a grid of points in each pixel is averaged.
 */
export function drawFrame(picture: FlatPicture, pose: Pose, size: number, out: Float32Array, offset: number): void {
  const { side } = picture;
  const perPixel = side / (size * pose.scale);
  const taps = Math.min(Math.max(Math.round(perPixel), 1), 4);
  const look = lookingUp(pose);
  const unit = side / size;
  const [frameCentre, pictureCentre] = [(size - 1) / 2, (side - 1) / 2];
  const plane = size * size;
  const colour = [0, 0, 0];
  for (let i = 0; i < plane; i++) {
    colour.fill(0);
    for (let tap = 0; tap < taps * taps; tap++) {
      const x = (i % size) - frameCentre + ((tap % taps) + 0.5) / taps - 0.5;
      const y = Math.floor(i / size) - frameCentre + (Math.floor(tap / taps) + 0.5) / taps - 0.5;
      addSample(picture, mapX(look, x, y) * unit + pictureCentre, mapY(look, x, y) * unit + pictureCentre, colour);
    }
    for (let c = 0; c < 3; c++) out[offset + c * plane + i] = (colour[c] as number) / (taps * taps);
  }
}

function addSample({ side, values, around }: FlatPicture, x: number, y: number, colour: number[]): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, below] = [x - left, y - top];
  const clamp = (at: number) => Math.min(Math.max(at, 0), side - 1);
  for (let corner = 0; corner < 4; corner++) {
    const [dx, dy] = [corner & 1, corner >> 1];
    const weight = (dx === 1 ? right : 1 - right) * (dy === 1 ? below : 1 - below);
    if (weight === 0) continue;
    const [column, row] = [left + dx, top + dy];
    const isOutside = column < 0 || row < 0 || column >= side || row >= side;
    const at = clamp(row) * side + clamp(column);
    for (let c = 0; c < 3; c++) {
      const value = isOutside && around === "white" ? WHITE : (values[c * side * side + at] as number);
      colour[c] = (colour[c] as number) + weight * value;
    }
  }
}

/** All frames of a clip, [F, 3, size, size]. */
export function drawClip(
  picture: FlatPicture,
  path: readonly Pose[],
  size: number,
  out: Float32Array,
  offset: number,
): void {
  path.forEach((pose, frame) => {
    drawFrame(picture, pose, size, out, offset + frame * 3 * size * size);
  });
}
