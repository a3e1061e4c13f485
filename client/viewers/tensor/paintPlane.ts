/** Values to pixels. */
import { INF_COLOR, LEVELS, NAN_COLOR } from "./colorMap";
import { type Layout, planeOf } from "./layout";
import type { Range } from "./range";

/** RGBA bytes of a plane through a colour table (`colorTable`). */
export function paintPlane(
  plane: Float32Array,
  { low, high }: Range,
  table: Uint8Array,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(plane.length * 4);
  const scale = LEVELS / (high - low);
  for (let i = 0; i < plane.length; i++) {
    const value = plane[i]!;
    if (Number.isFinite(value)) {
      const level = Math.min(LEVELS - 1, Math.max(0, Math.floor((value - low) * scale))) * 3;
      for (let c = 0; c < 3; c++) pixels[i * 4 + c] = table[level + c]!;
    } else pixels.set(badColor(value), i * 4);
    pixels[i * 4 + 3] = 255;
  }
  return pixels;
}

/** RGBA bytes of a frame seen as a picture: its first three channels, or its only one in grey. */
export function paintPicture(
  values: Float32Array,
  layout: Layout,
  frame: number,
  { low, high }: Range,
): Uint8ClampedArray<ArrayBuffer> {
  const planes = [0, 1, 2].map((c) => planeOf(values, layout, frame, layout.channels >= 3 ? c : 0));
  const size = layout.height * layout.width;
  const pixels = new Uint8ClampedArray(size * 4);
  const scale = 255 / (high - low);
  for (let i = 0; i < size; i++) {
    const bad = planes.find((plane) => !Number.isFinite(plane[i]));
    if (bad) pixels.set(badColor(bad[i]!), i * 4);
    else for (let c = 0; c < 3; c++) pixels[i * 4 + c] = (planes[c]![i]! - low) * scale;
    pixels[i * 4 + 3] = 255;
  }
  return pixels;
}

const badColor = (value: number): readonly [number, number, number] => (Number.isNaN(value) ? NAN_COLOR : INF_COLOR);
