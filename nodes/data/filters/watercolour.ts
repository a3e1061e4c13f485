import { kuwahara } from "./kuwahara";
import { valueNoise } from "./noise";
import { type Filter, type Picture, perPixel, saturate } from "./picture";
import { blur, channels, edges } from "./planes";

/** Thin paint on rough paper: wavering flat washes, lighter inside, pigment gathered at their rims. */
export const watercolour: Filter = (picture, random) => {
  const { size } = picture;
  const [warpX, warpY] = [valueNoise(size, 14, random), valueNoise(size, 14, random)];
  const wash = kuwahara(displaced(kuwahara(picture, 5), warpX, warpY, 3.5), 4);
  const rim = blur(edges(channels(wash.rgb, size), size), size, 1.2);
  const flow = valueNoise(size, 22, random);
  const paper = valueNoise(size, 2.5, random);
  return perPixel(wash, (colour, x, y) => {
    const i = y * size + x;
    // Beer's law: the paper shines through; more pigment (density) gives a deeper colour, not a greyer one.
    const density =
      0.72 + 0.34 * (flow[i] as number) + 0.1 * (paper[i] as number) + Math.min(6 * (rim[i] as number), 0.7);
    const [red, green, blue] = saturate(colour, 1.15);
    const through = (value: number) => Math.max(value, 0.03) ** Math.max(density, 0.15);
    return [0.98 * through(red), 0.97 * through(green), 0.94 * through(blue)];
  });
};

/** Every pixel taken from up to `reach` pixels away. */
function displaced({ size, rgb }: Picture, dx: Float32Array, dy: Float32Array, reach: number): Picture {
  const plane = size * size;
  const moved = new Float32Array(rgb.length);
  const inside = (value: number) => Math.min(Math.max(Math.round(value), 0), size - 1);
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i++) {
      const from = inside(y + reach * (dy[i] as number)) * size + inside(x + reach * (dx[i] as number));
      for (let c = 0; c < 3; c++) moved[c * plane + i] = rgb[c * plane + from] as number;
    }
  }
  return { size, rgb: moved };
}
