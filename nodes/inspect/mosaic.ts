/** Pictures side by side in one. */

/** Pictures [C, H, W] of one size. */
export interface PictureRow {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly pictures: readonly Float32Array[];
}

const GAP = 1;

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
