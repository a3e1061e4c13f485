import type { FrameInfo } from "@distillery/shared/protocol/events";
import sharp from "sharp";
import { rasterize } from "./rasterize";
import { statisticsOf } from "./statistics";

// ONNX Runtime owns the cores; pictures are small.
sharp.concurrency(1);
sharp.cache(false);

export interface EncodedFrame {
  readonly info: FrameInfo;
  readonly image: Uint8Array;
  /** float32, little endian. */
  readonly values: Uint8Array;
}

/** Lossless WebP of a frame at its own size (2-D points as a 160 px scatter), its statistics and raw values. */
export async function encodeFrame(
  info: Omit<FrameInfo, "stats" | "format">,
  values: Float32Array,
): Promise<EncodedFrame> {
  const { width, height, channels, data } = rasterize(info.shape, values);
  const image = await sharp(data, { raw: { width, height, channels } }).webp({ lossless: true, effort: 0 }).toBuffer();
  return {
    info: { ...info, stats: statisticsOf(values), format: "webp" },
    image,
    values: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}
