/** From a drawing to cells: rasterise once, crop to the ink, scale, flatten on white. */
import sharp from "sharp";
import { RENDER } from "./styles.mjs";

/** Long side of the ink inside a cell, as a fraction of the cell. */
const INK = 60 / 64;
/** Rings less than lanczos3, which makes the lossless files a fifth smaller and flat areas really flat. */
const KERNEL = "lanczos2";
/** Alpha from which a pixel counts as ink. */
const OPAQUE = 16;

/** @returns {Promise<{data: Buffer, box: {left: number, top: number, right: number, bottom: number}}>} RENDER x RENDER RGBA and its ink box */
export async function rasterise({ input, density }) {
  const data = await sharp(input, density ? { density } : {})
    .resize(RENDER, RENDER, { fit: "contain", background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer();
  const box = { left: RENDER, top: RENDER, right: 0, bottom: 0 };
  for (let y = 0; y < RENDER; y++) {
    for (let x = 0; x < RENDER; x++) {
      if (data[(y * RENDER + x) * 4 + 3] < OPAQUE) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  }
  return { data, box };
}

export const unionBox = (a, b) => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
});

export const isEmpty = (box) => box.right <= box.left;

/** One cell, size x size RGB on white, the box scaled so that its long side is 60/64 of the cell, centred. */
export async function cell(data, box, size) {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const long = Math.round(size * INK);
  const scale = long / Math.max(width, height);
  const w = Math.max(1, Math.round(width * scale));
  const h = Math.max(1, Math.round(height * scale));
  const left = Math.floor((size - w) / 2);
  const top = Math.floor((size - h) / 2);
  return sharp(data, { raw: { width: RENDER, height: RENDER, channels: 4 } })
    .extract({ left: box.left, top: box.top, width, height })
    .resize(w, h, { fit: "fill", kernel: KERNEL })
    .extend({
      left,
      top,
      right: size - w - left,
      bottom: size - h - top,
      background: { r: 255, g: 255, b: 255, alpha: 0 },
    })
    .flatten({ background: "#ffffff" })
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** Lowest channel value (0-255) of an RGB cell: a yellow star on white is well visible, a white cloud is not. */
export const darkest = (rgb) => rgb.reduce((min, value) => Math.min(min, value), 255);

/** Cells row by row in a grid; unused places stay white. @returns raw RGB */
export function grid(cells, size, columns) {
  const rows = Math.ceil(cells.length / columns);
  const stride = columns * size * 3;
  const data = Buffer.alloc(rows * size * stride, 255);
  cells.forEach((rgb, index) => {
    const start = Math.floor(index / columns) * size * stride + (index % columns) * size * 3;
    for (let y = 0; y < size; y++) rgb.copy(data, start + y * stride, y * size * 3, (y + 1) * size * 3);
  });
  return { data, width: columns * size, height: rows * size };
}
