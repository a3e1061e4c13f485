import type { RandomStream } from "@distillery/shared/graph/node";

/** Smooth noise in [-1, 1] with features of about `scale` pixels (value noise, smooth interpolation). */
export function valueNoise(size: number, scale: number, random: RandomStream): Float32Array {
  const cells = Math.ceil(size / scale) + 2;
  const lattice = Float32Array.from({ length: cells * cells }, () => 2 * random.uniform() - 1);
  const [offsetX, offsetY] = [random.uniform(), random.uniform()];
  const noise = new Float32Array(size * size);
  const fade = (t: number) => t * t * (3 - 2 * t);
  for (let y = 0; y < size; y++) {
    const v = y / scale + offsetY;
    const row = Math.floor(v);
    const fy = fade(v - row);
    for (let x = 0; x < size; x++) {
      const u = x / scale + offsetX;
      const column = Math.floor(u);
      const fx = fade(u - column);
      const at = (r: number, c: number) => lattice[r * cells + c] as number;
      const above = at(row, column) * (1 - fx) + at(row, column + 1) * fx;
      const below = at(row + 1, column) * (1 - fx) + at(row + 1, column + 1) * fx;
      noise[y * size + x] = above * (1 - fy) + below * fy;
    }
  }
  return noise;
}
