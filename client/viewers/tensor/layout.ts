/** How a tensor is laid out for looking at it: frames of channels of rows. */

export interface Layout {
  readonly kind: "image" | "points" | "matrix";
  readonly frames: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** [C, H, W] and clips [F, C, H, W] are pictures, [N, 2] points; vectors and scalars are matrices of one row. */
export function layoutOf(shape: readonly number[]): Layout {
  const [a = 1, b = 1, c = 1, d = 1] = shape;
  if (shape.length === 4) return { kind: "image", frames: a, channels: b, height: c, width: d };
  if (shape.length === 3) return { kind: "image", frames: 1, channels: a, height: b, width: c };
  const matrix = { kind: "matrix", frames: 1, channels: 1 } as const;
  if (shape.length === 2) return { ...matrix, kind: b === 2 ? "points" : "matrix", height: a, width: b };
  return { ...matrix, height: 1, width: shape.reduce((product, size) => product * size, 1) };
}

/** One channel of one frame, row by row; shares the values' memory. */
export function planeOf(values: Float32Array, layout: Layout, frame: number, channel: number): Float32Array {
  const size = layout.height * layout.width;
  const at = (frame * layout.channels + channel) * size;
  return values.subarray(at, at + size);
}

/** Every channel's value at a place of a frame. */
export function valuesAt(values: Float32Array, layout: Layout, frame: number, x: number, y: number): number[] {
  return Array.from(
    { length: layout.channels },
    (_, channel) => planeOf(values, layout, frame, channel)[y * layout.width + x] ?? Number.NaN,
  );
}
