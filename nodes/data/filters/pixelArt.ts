import { hex, nearest } from "./palette";
import { type Colour, type Filter, perPixel, saturate } from "./picture";

/** Blocks of this many pixels: 16 x 16 of them in a picture of 128. */
const BLOCK = 8;
/** Four shades of grey and the hues a small console could show. */
const PALETTE = hex(
  "0f0f1b",
  "565a75",
  "a9aebf",
  "ffffff",
  "7a1f2f",
  "e0393e",
  "f58b3c",
  "ffd34e",
  "fff1a8",
  "2c6e37",
  "63b54b",
  "b7e36b",
  "1d3a7a",
  "2f7fd6",
  "7fd0f5",
  "5b2a86",
  "c04fc4",
  "f7a8c4",
  "6b4226",
  "c48a5a",
  "f0c9a0",
);

/** Large square pixels of a small palette. */
export const pixelArt: Filter = (picture) => {
  const { size, rgb } = picture;
  const plane = size * size;
  const blocks = Math.ceil(size / BLOCK);
  const colours: Colour[] = [];
  for (let row = 0; row < blocks; row++) {
    for (let column = 0; column < blocks; column++) {
      const sum = [0, 0, 0];
      let count = 0;
      for (let y = row * BLOCK; y < Math.min((row + 1) * BLOCK, size); y++) {
        for (let x = column * BLOCK; x < Math.min((column + 1) * BLOCK, size); x++, count++) {
          for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + (rgb[c * plane + y * size + x] as number);
        }
      }
      const [red = 0, green = 0, blue = 0] = sum.map((value) => value / count);
      colours.push(nearest(PALETTE, saturate([red, green, blue], 1.25)));
    }
  }
  return perPixel(
    picture,
    (_colour, x, y) => colours[Math.floor(y / BLOCK) * blocks + Math.floor(x / BLOCK)] as Colour,
  );
};
