/** Pictures side by side in one. */
import type { HostTensor } from "@distillery/shared/graph/node";

/** Pictures [C, H, W] of one size. */
export interface PictureRow {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly pictures: readonly Float32Array[];
}

const GAP = 1;

/** A batch [B, C, H, W] as pictures; null when it is none. */
export function pictureRow({ shape, data }: HostTensor): PictureRow | null {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 4 || !(data instanceof Float32Array)) return null;
  const size = channels * height * width;
  const pictures = Array.from({ length: batch }, (_, i) => data.subarray(i * size, (i + 1) * size));
  return { shape: [channels, height, width], pictures };
}

/**
 * One picture [C, H, W]: a line for each row, cells of the largest size, thin grey (0) lines between. One channel stays
 * one where all have one; else there are three, grey pictures in all of them, further channels left out.
 */
export function mosaic(rows: readonly PictureRow[]): { shape: [number, number, number]; values: Float32Array } {
  const channels = rows.every(({ shape }) => shape[0] === 1) ? 1 : 3;
  const largest = (axis: 1 | 2) => Math.max(...rows.map(({ shape }) => shape[axis]));
  const [cellHeight, cellWidth] = [largest(1), largest(2)];
  const across = Math.max(...rows.map(({ pictures }) => pictures.length));
  const height = rows.length * (cellHeight + GAP) - GAP;
  const width = across * (cellWidth + GAP) - GAP;
  const values = new Float32Array(channels * height * width);
  rows.forEach(({ shape: [depth, h, w], pictures }, line) => {
    pictures.forEach((picture, column) => {
      for (let c = 0; c < channels; c++) {
        const from = depth >= 3 ? c : 0;
        for (let y = 0; y < h; y++) {
          const source = (from * h + y) * w;
          const to = (c * height + line * (cellHeight + GAP) + y) * width + column * (cellWidth + GAP);
          values.set(picture.subarray(source, source + w), to);
        }
      }
    });
  });
  return { shape: [channels, height, width], values };
}
