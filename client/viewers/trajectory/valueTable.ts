/** Raw values laid out for reading: an image channel as rows and columns, points as one row each. */
export interface ValueTable {
  rows: string[][];
  channels: number;
  isCut: boolean;
}

const SHOWN_ROWS = 100;

export function valueTable(
  values: Float32Array,
  shape: readonly number[],
  channel: number,
  maxRows = SHOWN_ROWS,
): ValueTable {
  const [channels, height, width] = shape.length === 3 ? shape : [1, shape[0] ?? 1, values.length / (shape[0] ?? 1)];
  const plane = (height ?? 1) * (width ?? 1);
  const offset = Math.min(channel, (channels ?? 1) - 1) * plane;
  const rows = Array.from({ length: Math.min(height ?? 1, maxRows) }, (_, y) =>
    Array.from({ length: width ?? 1 }, (_, x) => (values[offset + y * (width ?? 1) + x] ?? Number.NaN).toFixed(4)),
  );
  return { rows, channels: channels ?? 1, isCut: (height ?? 1) > maxRows };
}
