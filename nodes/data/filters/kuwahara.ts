import type { Picture } from "./picture";

/**
 * Kuwahara's filter (1976): every pixel takes the mean of whichever of the four squares touching it varies least, so
 * that areas become flat and edges stay. Squares reach `radius` pixels and end at the border.
 */
export function kuwahara({ size, rgb }: Picture, radius: number): Picture {
  const plane = size * size;
  const { means, variance, wide } = squares(rgb, size, radius);
  const area = wide * wide;
  const painted = new Float32Array(rgb.length);
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i++) {
      // Square (x, y) ends at this pixel, square (x + radius, y + radius) begins at it.
      const first = y * wide + x;
      let best = first;
      for (const other of [first + radius, first + radius * wide, first + radius * wide + radius]) {
        if ((variance[other] as number) < (variance[best] as number) - 1e-9) best = other;
      }
      for (let c = 0; c < 3; c++) painted[c * plane + i] = means[c * area + best] as number;
    }
  }
  return { size, rgb: painted };
}

/** Means [3, wide, wide] and variances (summed over the channels) of all squares, by where they end. */
function squares(rgb: Float32Array, size: number, radius: number) {
  const plane = size * size;
  const wide = size + radius;
  const area = wide * wide;
  const means = new Float32Array(3 * area);
  const variance = new Float32Array(area);
  for (let c = 0; c < 3; c++) {
    const values = rgb.subarray(c * plane, (c + 1) * plane);
    const sums = integral(values, size);
    const squared = integral(
      values.map((value) => value * value),
      size,
    );
    for (let v = 0; v < wide; v++) {
      const top = Math.max(v - radius, 0) * (size + 1);
      const rows = Math.min(v, size - 1) + 1 - Math.max(v - radius, 0);
      const bottom = top + rows * (size + 1);
      for (let u = 0; u < wide; u++) {
        const left = Math.max(u - radius, 0);
        const right = Math.min(u, size - 1) + 1;
        const count = rows * (right - left);
        const mean = inside(sums, top, bottom, left, right) / count;
        means[c * area + v * wide + u] = mean;
        variance[v * wide + u] =
          (variance[v * wide + u] as number) + inside(squared, top, bottom, left, right) / count - mean * mean;
      }
    }
  }
  return { means, variance, wide };
}

const inside = (table: Float64Array, top: number, bottom: number, left: number, right: number): number =>
  (table[bottom + right] as number) -
  (table[bottom + left] as number) -
  (table[top + right] as number) +
  (table[top + left] as number);

/** [size + 1, size + 1]: sums over everything above and left of each corner. */
function integral(plane: Float32Array, size: number): Float64Array {
  const wide = size + 1;
  const table = new Float64Array(wide * wide);
  for (let y = 0; y < size; y++) {
    let row = 0;
    for (let x = 0; x < size; x++) {
      row += plane[y * size + x] as number;
      table[(y + 1) * wide + x + 1] = (table[y * wide + x + 1] as number) + row;
    }
  }
  return table;
}
