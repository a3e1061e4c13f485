import { kuwahara } from "./kuwahara";
import { valueNoise } from "./noise";
import { hex, nearest } from "./palette";
import { type Colour, type Filter, mix, perPixel, smoothstep } from "./picture";
import { blur, channels, edges } from "./planes";

/** Pigments of Edo prints: washi, sand, ochre, vermilion, rose, pine, moss, pale indigo, Prussian blue, dark indigo, grey, sumi. */
const PIGMENTS = hex(
  "efe3c6",
  "dcc594",
  "c99a3f",
  "c1502e",
  "d89b86",
  "4f6b4a",
  "8f9c62",
  "9fbcc0",
  "3d6d8f",
  "22385a",
  "a39a88",
  "3a332e",
);
const KEY_BLOCK: Colour = [0.11, 0.12, 0.2];

/** Japanese woodblock print: areas of twelve pigments on washi, the wood's grain in them, an indigo key block for the lines. */
export const ukiyoE: Filter = (picture, random) => {
  const { size } = picture;
  const areas = kuwahara(picture, 5);
  const outline = edges(
    channels(areas.rgb, size).map((plane) => blur(plane, size, 1)),
    size,
  );
  const grain = valueNoise(size, 5, random);
  return perPixel(areas, (colour, x, y) => {
    const warm: Colour = [colour[0] * 0.98, colour[1] * 0.94, colour[2] * 0.86];
    // Grain runs along the block: one row of noise stretched over four.
    const along = grain[Math.floor(y / 4) * 4 * size + x] as number;
    const pigment = mix(nearest(PIGMENTS, warm), PIGMENTS[0] as Colour, Math.max(0, 0.1 + 0.12 * along));
    return mix(pigment, KEY_BLOCK, smoothstep(0.05, 0.1, outline[y * size + x] as number));
  });
};
