import { kuwahara } from "./kuwahara";
import { valueNoise } from "./noise";
import { type Colour, type Filter, luminance, mix, perPixel, saturate } from "./picture";
import { blur, channels, edges } from "./planes";

const BOARD: Colour = [0.13, 0.2, 0.17];

/** Coloured chalk on a blackboard: grainy strokes of pale colour, contours pressed hard, white paper left as bare board. */
export const chalk: Filter = (picture, random) => {
  const { size } = picture;
  const flat = kuwahara(picture, 4);
  const contour = blur(
    edges(
      channels(flat.rgb, size).map((plane) => blur(plane, size, 1)),
      size,
    ),
    size,
    1,
  );
  const [grain, tremor, dust] = [
    valueNoise(size, 1.8, random),
    valueNoise(size, 24, random),
    valueNoise(size, 30, random),
  ];
  return perPixel(flat, (colour, x, y) => {
    const i = y * size + x;
    const grey = luminance(colour);
    const strokes = 0.5 + 0.5 * Math.cos(((x + y) * Math.SQRT1_2 + 3 * (tremor[i] as number)) * ((2 * Math.PI) / 8));
    // White areas stay board, dark ones take little chalk.
    const isPaper = Math.min(...colour) > 0.93 ? 0 : 1;
    const laid = isPaper * (0.25 + 0.5 * grey) * (0.55 + 0.75 * strokes);
    const pressed = Math.min(Math.max((contour[i] as number) - 0.02, 0) * 12, 1);
    const amount = Math.min(Math.max(laid + 0.35 * (grain[i] as number) * laid * 2, 0), 0.95);
    const pastel = mix(saturate(colour, 1.3), [1, 1, 1], 0.25);
    const board = mix(BOARD, [1, 1, 1], 0.03 + 0.03 * (dust[i] as number));
    const drawn = mix(board, pastel, amount);
    return mix(drawn, [0.96, 0.95, 0.9], pressed * (0.8 + 0.2 * (grain[i] as number)));
  });
};
