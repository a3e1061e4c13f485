import { kuwahara } from "./kuwahara";
import { type Filter, luminance, perPixel, saturate, smoothstep } from "./picture";
import { blur, channels, edges } from "./planes";

/** Distance of the printed dots in pixels, on a grid turned by 45 degrees. */
const DOTS = 9;
const LEVELS = 3;

/** Printed comic: few flat bright colours, Ben Day dots in the half tones, thick black outlines. */
export const comic: Filter = (picture) => {
  const { size } = picture;
  const flat = kuwahara(picture, 4);
  const outline = edges(
    channels(flat.rgb, size).map((plane) => blur(plane, size, 1.2)),
    size,
  );
  return perPixel(flat, (colour, x, y) => {
    const bright = saturate(colour, 1.7);
    const [u, v] = [(x + y) / Math.SQRT2 / DOTS, (x - y) / Math.SQRT2 / DOTS];
    const distance = Math.hypot(u - Math.round(u), v - Math.round(v));
    const grey = luminance(colour);
    // A dot grows with the darkness that the flat colours leave out.
    const dot = 1 - smoothstep(0, 0.12, distance - 0.62 * Math.sqrt(Math.max(0.95 - grey, 0)) * 0.75);
    const printed = bright.map((value) => {
      const level = Math.round(value * LEVELS) / LEVELS;
      const shade = Math.max(level - 0.28, 0);
      const tint = Math.min(level + 0.12, 1);
      return grey > 0.96 ? 1 : tint + (shade - tint) * dot;
    });
    const ink = smoothstep(0.035, 0.09, outline[y * size + x] as number);
    const [red = 0, green = 0, blue = 0] = printed.map((value) => value * (1 - ink) + 0.04 * ink);
    return [red, green, blue];
  });
};
