/** Values of a state or image -> 8-bit pixels. */

export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

const SCATTER_SIZE = 160;
/** Points are drawn in [-3, 3] x [-3, 3]: the bulk of unit-variance data, the same for every picture of a path. */
const SCATTER_RANGE = 3;
const POINT_COLOR = [79, 140, 255] as const;

/**
 * `[C, H, W]` in [-1, 1], or a clip `[F, C, H, W]` as its frames below each other (one channel is grey, more than three show the first three), `[N, 2]` as a scatter on a
 * transparent ground; anything else as a grey map of its values, as square as possible.
 */
export function rasterize(shape: readonly number[], values: Float32Array): Raster {
  const [first = 1, second = 1, third = 1] = shape;
  if (shape.length === 3) return image(first, second, third, values);
  if (shape.length === 4) return strip(first, shape.slice(1), values);
  if (shape.length === 2 && second === 2) return scatter(first, values);
  return map(values);
}

const toByte = (value: number): number => Math.max(0, Math.min(255, Math.round((value + 1) * 127.5)));

function image(channels: number, height: number, width: number, values: Float32Array): Raster {
  const size = height * width;
  const data = new Uint8Array(size * 3);
  for (let pixel = 0; pixel < size; pixel++) {
    for (let color = 0; color < 3; color++) {
      const value = values[(channels >= 3 ? color : 0) * size + pixel] ?? 0;
      // A value that is not a number must be seen: magenta.
      data[pixel * 3 + color] = Number.isFinite(value) ? toByte(value) : color === 1 ? 0 : 255;
    }
  }
  return { width, height, channels: 3, data };
}

function strip(frames: number, shape: readonly number[], values: Float32Array): Raster {
  const size = values.length / frames;
  const drawn = Array.from({ length: frames }, (_, i) => rasterize(shape, values.subarray(i * size, (i + 1) * size)));
  const [{ width, height, channels } = rasterize(shape, values)] = drawn;
  const data = new Uint8Array(frames * width * height * channels);
  drawn.forEach((frame, i) => {
    data.set(frame.data, i * frame.data.length);
  });
  return { width, height: frames * height, channels, data };
}

function scatter(count: number, values: Float32Array): Raster {
  const ink = new Float32Array(SCATTER_SIZE * SCATTER_SIZE);
  const scale = (SCATTER_SIZE - 1) / (2 * SCATTER_RANGE);
  for (let point = 0; point < count; point++) {
    const x = ((values[point * 2] ?? 0) + SCATTER_RANGE) * scale;
    const y = (SCATTER_RANGE - (values[point * 2 + 1] ?? 0)) * scale;
    if (Number.isFinite(x) && Number.isFinite(y)) splat(ink, x, y);
  }
  const data = new Uint8Array(ink.length * 4);
  for (let pixel = 0; pixel < ink.length; pixel++) {
    data.set(POINT_COLOR, pixel * 4);
    data[pixel * 4 + 3] = Math.round(255 * Math.min(1, ink[pixel] ?? 0));
  }
  return { width: SCATTER_SIZE, height: SCATTER_SIZE, channels: 4, data };
}

/** Adds a soft dot of radius 1.6 pixels. */
function splat(ink: Float32Array, x: number, y: number): void {
  for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 2; row++) {
    for (let column = Math.floor(x) - 1; column <= Math.floor(x) + 2; column++) {
      if (row < 0 || column < 0 || row >= SCATTER_SIZE || column >= SCATTER_SIZE) continue;
      const weight = Math.max(0, 1 - Math.hypot(column - x, row - y) / 1.6);
      const index = row * SCATTER_SIZE + column;
      ink[index] = (ink[index] ?? 0) + 0.7 * weight;
    }
  }
}

function map(values: Float32Array): Raster {
  const width = Math.max(1, Math.ceil(Math.sqrt(values.length)));
  const height = Math.max(1, Math.ceil(values.length / width));
  const data = new Uint8Array(width * height * 3);
  values.forEach((value, index) => {
    data.fill(Number.isFinite(value) ? toByte(value) : 255, index * 3, index * 3 + 3);
  });
  return { width, height, channels: 3, data };
}
