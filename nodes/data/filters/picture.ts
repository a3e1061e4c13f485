/** A square picture while a filter works on it, and the few operations that filters share. */
import type { RandomStream } from "@distillery/shared/graph/node";

/** [3, size, size] (channel, row, column), values in [0, 1] where nothing else is said. */
export interface Picture {
  readonly size: number;
  readonly rgb: Float32Array;
}

/** Draws a picture in a technique, at the same size and with every thing in its place. */
export type Filter = (picture: Picture, random: RandomStream) => Picture;

export const blank = (size: number, [red, green, blue]: Colour): Picture => {
  const plane = size * size;
  const rgb = new Float32Array(3 * plane);
  [red, green, blue].forEach((value, c) => {
    rgb.fill(value, c * plane, (c + 1) * plane);
  });
  return { size, rgb };
};

export type Colour = readonly [red: number, green: number, blue: number];

export const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);

/** 0 below `low`, 1 above `high`, a smooth rise between. */
export function smoothstep(low: number, high: number, value: number): number {
  const x = clamp((value - low) / (high - low));
  return x * x * (3 - 2 * x);
}

/** Every pixel by itself: `paint` gets its colour and position and returns the new colour. */
export function perPixel({ size, rgb }: Picture, paint: (colour: Colour, x: number, y: number) => Colour): Picture {
  const plane = size * size;
  const painted = new Float32Array(3 * plane);
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i++) {
      const colour = paint([rgb[i] as number, rgb[plane + i] as number, rgb[2 * plane + i] as number], x, y);
      for (let c = 0; c < 3; c++) painted[c * plane + i] = clamp(colour[c] as number);
    }
  }
  return { size, rgb: painted };
}

export const luminance = ([red, green, blue]: Colour): number => 0.299 * red + 0.587 * green + 0.114 * blue;

/** One plane [size, size] of luminance. */
export function luma({ size, rgb }: Picture): Float32Array {
  const plane = size * size;
  return Float32Array.from({ length: plane }, (_, i) =>
    luminance([rgb[i] as number, rgb[plane + i] as number, rgb[2 * plane + i] as number]),
  );
}

export const mix = (a: Colour, b: Colour, share: number): Colour => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

/** Moves a colour away from (or towards) its own grey. */
export function saturate(colour: Colour, factor: number): Colour {
  const grey = luminance(colour);
  return mix([grey, grey, grey], colour, factor);
}
