/** A clip as a file that plays: animated GIF or WebP, or MP4 where ffmpeg is installed. */
import sharp from "sharp";
import { rasterize } from "../worker/frames/rasterize";
import { runFfmpeg } from "./ffmpeg";

export const CLIP_FORMATS = ["gif", "webp", "mp4"] as const;
export type ClipFormat = (typeof CLIP_FORMATS)[number];

export const CLIP_TYPES: Readonly<Record<ClipFormat, string>> = {
  gif: "image/gif",
  webp: "image/webp",
  mp4: "video/mp4",
};

export interface ClipOptions {
  readonly format: ClipFormat;
  readonly framesPerSecond: number;
  /** Pixels of the file for each of the clip's. */
  readonly scale: number;
}

/**
 * Frames [F, C, H, W] in [-1, 1] (a picture [C, H, W] is one frame), each pixel `scale` pixels wide.
 * @throws FfmpegError for MP4 without ffmpeg
 */
export async function animate(
  values: Float32Array,
  shape: readonly number[],
  { format, framesPerSecond, scale }: ClipOptions,
): Promise<Uint8Array> {
  const frames = shape.length === 4 ? (shape[0] as number) : 1;
  const raster = rasterize(shape, values);
  const { width, height, data } = enlarge(raster, scale);
  const pageHeight = height / frames;
  if (format === "mp4") {
    const size = `${width}x${pageHeight}`;
    const input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", String(framesPerSecond), "-i", "pipe:0"];
    // Players want even sides and 4:2:0; a pipe wants a file that is written from front to back.
    const output = [
      "-vf",
      "pad=ceil(iw/2)*2:ceil(ih/2)*2",
      "-pix_fmt",
      "yuv420p",
      "-movflags",
      "frag_keyframe+empty_moov",
    ];
    return runFfmpeg([...input, ...output, "-f", "mp4", "pipe:1"], data);
  }
  const image = sharp(data, { raw: { width, height, channels: 3, pageHeight } });
  const timing = { delay: Array<number>(frames).fill(Math.round(1000 / framesPerSecond)), loop: 0 };
  const encoded = format === "gif" ? image.gif({ ...timing, dither: 0 }) : image.webp({ ...timing, lossless: true });
  return encoded.toBuffer();
}

interface Rgb {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Every pixel becomes a square; alpha, if there is any, is left out. */
function enlarge(raster: ReturnType<typeof rasterize>, scale: number): Rgb {
  const { channels, data } = raster;
  const [width, height] = [raster.width * scale, raster.height * scale];
  const large = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / scale) * raster.width + Math.floor(x / scale)) * channels;
      large.set(data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data: large };
}
