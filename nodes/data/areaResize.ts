/**
 * Resamples planes [C, H, W] to C x height x width. Shrinking averages the area under each new pixel (no aliasing);
 * enlarging interpolates linearly between pixel centres. `box` takes a part of the picture, in pixels of the source.
 */
export function areaResize(
  values: Float32Array,
  [channels, sourceHeight, sourceWidth]: readonly [number, number, number],
  height: number,
  width: number,
  box: { readonly top: number; readonly left: number; readonly height: number; readonly width: number } = {
    top: 0,
    left: 0,
    height: sourceHeight,
    width: sourceWidth,
  },
): Float32Array {
  const columns = taps(sourceWidth, box.left, box.width, width);
  const rows = taps(sourceHeight, box.top, box.height, height);
  const between = new Float32Array(channels * sourceHeight * width);
  for (let line = 0; line < channels * sourceHeight; line++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x] as Taps;
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        sum += (weights[k] as number) * (values[line * sourceWidth + first + k] as number);
      }
      between[line * width + x] = sum;
    }
  }
  const resized = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const { first, weights } = rows[y] as Taps;
      const to = (c * height + y) * width;
      for (let k = 0; k < weights.length; k++) {
        const weight = weights[k] as number;
        const from = (c * sourceHeight + first + k) * width;
        for (let x = 0; x < width; x++)
          resized[to + x] = (resized[to + x] as number) + weight * (between[from + x] as number);
      }
    }
  }
  return resized;
}

interface Taps {
  readonly first: number;
  readonly weights: Float32Array;
}

/** For each of `count` new positions: which source positions it takes and how much of each. */
function taps(size: number, start: number, length: number, count: number): Taps[] {
  const scale = length / count;
  const reach = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    const first = Math.max(Math.floor(centre - reach), 0);
    const last = Math.min(Math.ceil(centre + reach), size) - 1;
    const raw = Array.from({ length: Math.max(last - first + 1, 1) }, (_, k) => coverage(first + k, centre, scale));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: Float32Array.from(raw, (weight) => weight / sum) };
  });
}

/** Share of source pixel `at` in the new pixel at `centre`: the overlap of areas, or a hat when enlarging. */
function coverage(at: number, centre: number, scale: number): number {
  if (scale >= 1) return Math.max(Math.min(at + 1, centre + scale / 2) - Math.max(at, centre - scale / 2), 0);
  return Math.max(1 - Math.abs(at + 0.5 - centre), 0);
}
