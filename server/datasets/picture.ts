/** One uploaded picture to a square of RGB bytes. */
import sharp from "sharp";
import { type IngestLimits, megabytes } from "./limits";

const EXTENSIONS = /\.(png|jpe?g|webp|gif|avif|tiff?|svg)$/i;
const FORMATS = new Set(["png", "jpeg", "webp", "gif", "heif", "tiff", "svg"]);

export const looksLikePicture = (path: string): boolean => EXTENSIONS.test(path);

/** How a picture that is not square becomes one: cut off what is too long, or white beside what is too short. */
export type Fit = "cover" | "contain";

export interface Prepared {
  /** [3, size, size] bytes: channel, row, column. */
  planes: Buffer;
  /** Pixels of the picture before it was resized. */
  pixels: number;
}

/**
 * Upright, on white, sRGB; of an animation the frame `page`, its first if not told. SVGs are drawn from memory, where they have no
 * folder from which to pull other files in.
 * @param pixelsLeft what the whole data set may still decode
 * @throws Error whose message is the reason for the report
 */
export async function preparePicture(
  bytes: Buffer,
  size: number,
  fit: Fit,
  limits: IngestLimits,
  pixelsLeft: number,
  page = 0,
): Promise<Prepared> {
  const still = { limitInputPixels: limits.imagePixels, failOn: "error" as const, animated: false };
  const options = page === 0 ? still : { ...still, page };
  const { format, width, height } = await sharp(bytes, options).metadata();
  if (!format || !FORMATS.has(format)) throw new Error(`a picture format that is not taken here (${format})`);
  if (format === "svg" && bytes.length > limits.svgBytes) {
    throw new Error(`an SVG of ${megabytes(bytes.length)}; at most ${megabytes(limits.svgBytes)}`);
  }
  const pixels = width * height;
  if (pixels > limits.imagePixels) {
    throw new Error(`${width}x${height} pixels; a picture may have ${limits.imagePixels} pixels`);
  }
  if (pixels > pixelsLeft) throw new Error(`over the limit of ${limits.totalPixels} pixels for the whole data set`);
  const rgb = await sharp(bytes, options)
    .autoOrient()
    .resize(size, size, { fit, background: { r: 255, g: 255, b: 255, alpha: 0 } })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
  const plane = size * size;
  const planes = Buffer.alloc(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) planes[c * plane + i] = rgb[3 * i + c]!;
  }
  return { planes, pixels };
}
