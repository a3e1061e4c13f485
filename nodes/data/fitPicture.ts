import { areaResize } from "./areaResize";

/** A decoded picture: interleaved 8-bit RGB. */
interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Planes [3, height, width], 0..255, of the whole picture at the largest size that fits, in the middle of a ground of `ground`;
 * unchanged where it has that size already.
 */
export function fitPicture(
  { width: sourceWidth, height: sourceHeight, data }: Decoded,
  { height, width }: { readonly height: number; readonly width: number },
  ground: number,
): Float32Array {
  const planes = planesOf(data, sourceWidth * sourceHeight);
  if (sourceWidth === width && sourceHeight === height) return planes;
  const scale = Math.min(width / sourceWidth, height / sourceHeight);
  const innerWidth = Math.max(Math.round(sourceWidth * scale), 1);
  const innerHeight = Math.max(Math.round(sourceHeight * scale), 1);
  const inner = areaResize(planes, [3, sourceHeight, sourceWidth], innerHeight, innerWidth);
  const [left, top] = [Math.floor((width - innerWidth) / 2), Math.floor((height - innerHeight) / 2)];
  const out = new Float32Array(3 * height * width).fill(ground);
  for (let line = 0; line < 3 * innerHeight; line++) {
    const [channel, row] = [Math.floor(line / innerHeight), line % innerHeight];
    const from = inner.subarray(line * innerWidth, (line + 1) * innerWidth);
    out.set(from, (channel * height + top + row) * width + left);
  }
  return out;
}

function planesOf(rgb: Uint8Array, pixels: number): Float32Array {
  const planes = new Float32Array(3 * pixels);
  for (let c = 0; c < 3; c++) for (let i = 0; i < pixels; i++) planes[c * pixels + i] = rgb[3 * i + c] as number;
  return planes;
}
