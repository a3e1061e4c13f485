import type { Colour } from "./picture";

/** The entry of `palette` that looks nearest (squared distance, weighted as the eye does: Riemersma's "redmean"). */
export function nearest(palette: readonly Colour[], [red, green, blue]: Colour): Colour {
  let best = palette[0] as Colour;
  let least = Number.POSITIVE_INFINITY;
  for (const entry of palette) {
    const mean = (red + entry[0]) / 2;
    const distance =
      (2 + mean) * (red - entry[0]) ** 2 + 4 * (green - entry[1]) ** 2 + (3 - mean) * (blue - entry[2]) ** 2;
    if (distance < least) {
      least = distance;
      best = entry;
    }
  }
  return best;
}

export const hex = (...colours: string[]): Colour[] =>
  colours.map((colour) => {
    const value = Number.parseInt(colour, 16);
    return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
  });
