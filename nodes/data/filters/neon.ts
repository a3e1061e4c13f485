import { type Filter, luminance, perPixel, saturate } from "./picture";
import { blur, channels, edges } from "./planes";

/** Tubes of light along the contours, in the colour beside them, glowing in the dark. */
export const neon: Filter = (picture) => {
  const { size, rgb } = picture;
  const planes = channels(rgb, size).map((plane) => blur(plane, size, 1.2));
  const tube = edges(planes, size).map((value) => Math.min(value * 7, 1));
  const hues = perPixel(picture, (colour) => {
    // White and grey have no hue of their own: they glow in violet and cyan.
    const spread = Math.max(...colour) - Math.min(...colour);
    const tint = 1 - Math.min(spread * 3, 1);
    const [red, green, blue] = saturate(colour, 2.2);
    const cool = luminance(colour) > 0.5 ? [0.25, 0.9, 1] : [0.85, 0.25, 1];
    const lifted = [red, green, blue].map((value, c) => value * (1 - tint) + (cool[c] as number) * tint);
    const peak = Math.max(...lifted, 0.05);
    return [(lifted[0] as number) / peak, (lifted[1] as number) / peak, (lifted[2] as number) / peak];
  });
  const lit = channels(hues.rgb, size).map((hue) => {
    // The colour of the tube is that of its surroundings, from the side where something is.
    const near = blur(hue, size, 3);
    return near.map((value, i) => value * (tube[i] as number));
  });
  const glow = lit.map((plane) => blur(plane, size, 5));
  const halo = lit.map((plane) => blur(plane, size, 1.5));
  return perPixel(picture, (_colour, x, y) => {
    const i = y * size + x;
    const core = (tube[i] as number) ** 3 * 0.45;
    const light = (c: number) => core + 0.9 * (halo[c]?.[i] ?? 0) + 1.1 * (glow[c]?.[i] ?? 0);
    return [0.03 + light(0), 0.02 + light(1), 0.07 + light(2)];
  });
};
