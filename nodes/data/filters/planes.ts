/** Neighbourhood operations on single planes [size, size]; the border repeats. */

/** Gaussian blur by three box blurs (Wells 1986). */
export function blur(plane: Float32Array, size: number, sigma: number): Float32Array {
  const radius = Math.max(Math.round(Math.sqrt(sigma * sigma + 0.25) - 0.5), 1);
  let blurred = plane;
  for (let pass = 0; pass < 3; pass++) {
    blurred = boxBlur(blurred, size, radius, size, 1);
    blurred = boxBlur(blurred, size, radius, 1, size);
  }
  return blurred;
}

/** Mean over 2 radius + 1 values along one axis: `line` steps between lines, `step` along them. */
function boxBlur(plane: Float32Array, size: number, radius: number, line: number, step: number): Float32Array {
  const blurred = new Float32Array(plane.length);
  const width = 2 * radius + 1;
  for (let i = 0; i < size; i++) {
    const first = i * line;
    const last = first + (size - 1) * step;
    let sum = 0;
    for (let k = -radius; k <= radius; k++) {
      sum += plane[Math.min(Math.max(first + k * step, first), last)] as number;
    }
    for (let at = first; at <= last; at += step) {
      blurred[at] = sum / width;
      const [leaving, coming] = [Math.max(at - radius * step, first), Math.min(at + (radius + 1) * step, last)];
      sum += (plane[coming] as number) - (plane[leaving] as number);
    }
  }
  return blurred;
}

export interface Gradient {
  readonly dx: Float32Array;
  readonly dy: Float32Array;
}

/** Sobel's derivative, scaled so that a step edge of height 1 gives 0.5 (per pixel) beside it. */
export function gradient(plane: Float32Array, size: number): Gradient {
  const dx = new Float32Array(plane.length);
  const dy = new Float32Array(plane.length);
  for (let y = 0; y < size; y++) {
    const [above, here, below] = [Math.max(y - 1, 0) * size, y * size, Math.min(y + 1, size - 1) * size];
    for (let x = 0; x < size; x++) {
      const left = Math.max(x - 1, 0);
      const right = Math.min(x + 1, size - 1);
      const falling = (plane[below + right] as number) - (plane[above + left] as number);
      const rising = (plane[above + right] as number) - (plane[below + left] as number);
      const across = (plane[here + right] as number) - (plane[here + left] as number);
      const down = (plane[below + x] as number) - (plane[above + x] as number);
      dx[here + x] = (falling + rising + 2 * across) / 8;
      dy[here + x] = (falling - rising + 2 * down) / 8;
    }
  }
  return { dx, dy };
}

/** Length of the gradient in the plane where it is longest: with one plane a channel, colour edges count, too. */
export function edges(planes: readonly Float32Array[], size: number): Float32Array {
  const strongest = new Float32Array(size * size);
  for (const plane of planes) {
    const { dx, dy } = gradient(plane, size);
    for (let i = 0; i < strongest.length; i++) {
      strongest[i] = Math.max(strongest[i] as number, Math.sqrt((dx[i] as number) ** 2 + (dy[i] as number) ** 2));
    }
  }
  return strongest;
}

export const channels = (rgb: Float32Array, size: number): [Float32Array, Float32Array, Float32Array] => {
  const plane = size * size;
  return [rgb.subarray(0, plane), rgb.subarray(plane, 2 * plane), rgb.subarray(2 * plane)];
};

export function joined(planes: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(planes.reduce((sum, plane) => sum + plane.length, 0));
  let offset = 0;
  for (const plane of planes) {
    all.set(plane, offset);
    offset += plane.length;
  }
  return all;
}
