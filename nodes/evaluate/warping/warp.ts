/** Frames brought back along optical flow, and what is left of their difference (methods 8.3). Planes are row-major. */

/** Where what is seen at a pixel of frame t is in frame t + 1: right and down, in pixels. */
export interface Flow {
  readonly width: number;
  readonly height: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Value of a plane at (x, y), linear between pixel centres; null outside the frame. */
export function sampleAt(plane: Float32Array, width: number, height: number, x: number, y: number): number | null {
  // A hundredth of a pixel past the border is rounding, not outside.
  if (x < -0.01 || y < -0.01 || x > width - 0.99 || y > height - 0.99) return null;
  const left = Math.min(Math.max(Math.floor(x), 0), Math.max(width - 2, 0));
  const top = Math.min(Math.max(Math.floor(y), 0), Math.max(height - 2, 0));
  const [u, v] = [Math.min(Math.max(x - left, 0), 1), Math.min(Math.max(y - top, 0), 1)];
  const at = (dx: number, dy: number) =>
    plane[Math.min(top + dy, height - 1) * width + Math.min(left + dx, width - 1)] as number;
  return (1 - v) * ((1 - u) * at(0, 0) + u * at(1, 0)) + v * ((1 - u) * at(0, 1) + u * at(1, 1));
}

/**
 * 1 where a pixel of frame t is still seen in frame t + 1, by the consistency of forward and backward flow (Ruder et al. 2016,
 * Lai et al. 2018): with B the backward flow at the place that F leads to, a pixel is lost where
 * |F + B|^2 > 0.01 (|F|^2 + |B|^2) + 0.5, or at a motion boundary, |grad F_x|^2 + |grad F_y|^2 > 0.01 |F|^2 + 0.002.
 */
export function visible(forward: Flow, backward: Flow): Uint8Array {
  const { width, height, x, y } = forward;
  const seen = new Uint8Array(width * height);
  for (let i = 0; i < seen.length; i++) {
    const [column, row] = [i % width, Math.floor(i / width)];
    const [fx, fy] = [x[i] as number, y[i] as number];
    const bx = sampleAt(backward.x, width, height, column + fx, row + fy);
    const by = sampleAt(backward.y, width, height, column + fx, row + fy);
    if (bx === null || by === null) continue;
    const forth = fx * fx + fy * fy;
    const isLost = (fx + bx) ** 2 + (fy + by) ** 2 > 0.01 * (forth + bx * bx + by * by) + 0.5;
    const steepness = slope(x, i, column, row, width, height) + slope(y, i, column, row, width, height);
    seen[i] = isLost || steepness > 0.01 * forth + 0.002 ? 0 : 1;
  }
  return seen;
}

/** Squared gradient by forward differences; 0 beyond the last row and column. */
function slope(plane: Float32Array, i: number, column: number, row: number, width: number, height: number): number {
  const here = plane[i] as number;
  const right = column + 1 < width ? (plane[i + 1] as number) - here : 0;
  const down = row + 1 < height ? (plane[i + width] as number) - here : 0;
  return right * right + down * down;
}

/**
 * E = sum V (warp(I_{t+1}, F) - I_t)^2 / sum V over pixels and channels, frames [channels, H, W]; a pixel that F leads out of the
 * frame is not seen either. Where nothing is seen the error is 0.
 */
export function pairError(now: Float32Array, next: Float32Array, flow: Flow, seen: ArrayLike<number>): number {
  const { width, height } = flow;
  const plane = width * height;
  const channels = now.length / plane;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < plane; i++) {
    if (seen[i] === 0) continue;
    const [x, y] = [(i % width) + (flow.x[i] as number), Math.floor(i / width) + (flow.y[i] as number)];
    for (let c = 0; c < channels; c++) {
      const moved = sampleAt(next.subarray(c * plane, (c + 1) * plane), width, height, x, y);
      if (moved === null) continue;
      sum += (moved - (now[c * plane + i] as number)) ** 2;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
