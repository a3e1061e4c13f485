/** Raw values laid out for reading, a plane's rows as rows. */
export interface ValueTable {
  rows: string[][];
  isCut: boolean;
}

const SHOWN_ROWS = 100;

export function valueTable(plane: Float32Array, width: number, maxRows = SHOWN_ROWS): ValueTable {
  const height = Math.ceil(plane.length / Math.max(1, width));
  const rows = Array.from({ length: Math.min(height, maxRows) }, (_, y) =>
    Array.from(plane.subarray(y * width, (y + 1) * width), (value) => value.toFixed(4)),
  );
  return { rows, isCut: height > maxRows };
}
