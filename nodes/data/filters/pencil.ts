import { valueNoise } from "./noise";
import { type Colour, type Filter, luma, mix, perPixel } from "./picture";
import { blur, channels, edges } from "./planes";

const PAPER: Colour = [0.97, 0.96, 0.93];
const GRAPHITE: Colour = [0.2, 0.2, 0.23];
/** Hatching layers: darker than `tone` they lie on the paper; direction and spacing of their strokes in pixels. */
const HATCHES = [
  { tone: 0.86, angle: 0.8, spacing: 9 },
  { tone: 0.6, angle: 2.35, spacing: 9 },
  { tone: 0.36, angle: 1.6, spacing: 7 },
] as const;

/** Graphite: contours where the picture changes, crossed hatching where it is dark. */
export const pencil: Filter = (picture, random) => {
  const { size, rgb } = picture;
  const soft = channels(rgb, size).map((plane) => blur(plane, size, 1));
  const contour = blur(edges(soft, size), size, 0.8);
  const tone = blur(luma(picture), size, 1.5);
  const tremor = valueNoise(size, 20, random);
  const grain = valueNoise(size, 2.2, random);
  return perPixel(picture, (_colour, x, y) => {
    const i = y * size + x;
    const strokes = HATCHES.reduce((sum, { tone: below, angle, spacing }) => {
      const across = x * Math.cos(angle) + y * Math.sin(angle) + 2 * (tremor[i] as number);
      const wave = 0.5 + 0.5 * Math.cos((2 * Math.PI * across) / spacing);
      const depth = Math.min(Math.max((below - (tone[i] as number)) / 0.25, 0), 1);
      return sum + depth * wave ** 1.5 * 0.62;
    }, 0);
    const line = Math.min((contour[i] as number) * 9, 1);
    const ink = Math.min(line + strokes * (1 - line), 1) * (0.9 + 0.1 * (grain[i] as number));
    return mix(PAPER, GRAPHITE, ink);
  });
};
