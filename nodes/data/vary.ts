import type { RandomStream } from "@distillery/shared/graph/node";
import { sizeOf } from "@distillery/shared/onnx/graph";

/**
 * Mirrors and shifts pictures [C, H, W], or all frames of clips [F, C, H, W], in place, all of them alike; the border
 * repeats. Other samples stay as they are.
 */
export function vary(
  pictures: readonly Float32Array[],
  sampleShape: readonly number[],
  { flip, shift }: { readonly flip: number; readonly shift: number },
  random: RandomStream,
): void {
  if ((flip === 0 && shift === 0) || sampleShape.length < 3) return;
  const [height = 0, width = 0] = sampleShape.slice(-2);
  const planes = sizeOf(sampleShape.slice(0, -2));
  const isMirrored = random.uniform() < flip;
  const [dx, dy] = [random.integer(2 * shift + 1) - shift, random.integer(2 * shift + 1) - shift];
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
  const columns = Array.from({ length: width }, (_, x) => {
    const from = clamp(x + dx, width);
    return isMirrored ? width - 1 - from : from;
  });
  for (const picture of pictures) {
    const before = picture.slice();
    for (let c = 0; c < planes; c++) {
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
