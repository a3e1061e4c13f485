import { kuwahara } from "./kuwahara";
import { valueNoise } from "./noise";
import { type Filter, luma, perPixel, saturate } from "./picture";
import { blur, gradient } from "./planes";

/** Flat dabs of rich colour (two Kuwahara filters) whose thickness catches light from the upper left. */
export const oil: Filter = (picture, random) => {
  const { size } = picture;
  const dabs = kuwahara(kuwahara(picture, 6), 4);
  const bristles = valueNoise(size, 3, random);
  const relief = blur(luma(dabs), size, 1).map((value, i) => value + 0.05 * (bristles[i] as number));
  const { dx, dy } = gradient(relief, size);
  return perPixel(dabs, (colour, x, y) => {
    const i = y * size + x;
    const light = 1.6 * ((dx[i] as number) + (dy[i] as number));
    const [red, green, blue] = saturate(colour, 1.35);
    return [red * 0.97 + light, green * 0.96 + light, blue * 0.93 + light];
  });
};
