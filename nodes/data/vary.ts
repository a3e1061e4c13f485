import type { RandomStream } from "@distillery/shared/graph/node";

/** Mirrors and shifts pictures [C, H, W] in place, all of them alike; the border repeats. Other samples stay as they are. */
export function vary(
  pictures: readonly Float32Array[],
  sampleShape: readonly number[],
  { flip, shift }: { readonly flip: number; readonly shift: number },
  random: RandomStream,
): void {
  const [channels = 0, height = 0, width = 0, ...rest] = sampleShape;
  if ((flip === 0 && shift === 0) || width === 0 || rest.length > 0) return;
  const isMirrored = random.uniform() < flip;
  const [dx, dy] = [random.integer(2 * shift + 1) - shift, random.integer(2 * shift + 1) - shift];
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
  const columns = Array.from({ length: width }, (_, x) => {
    const from = clamp(x + dx, width);
    return isMirrored ? width - 1 - from : from;
  });
  for (const picture of pictures) {
    const before = picture.slice();
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        const from = (c * height + clamp(y + dy, height)) * width;
        const to = (c * height + y) * width;
        columns.forEach((column, x) => {
          picture[to + x] = before[from + column] as number;
        });
      }
    }
  }
}
