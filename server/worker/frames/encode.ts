import type { FrameInfo } from "@distillery/shared/protocol/events";
import { statisticsOf } from "@distillery/shared/tensor/statistics";
import sharp from "sharp";
import { rasterize } from "./rasterize";

// ONNX Runtime owns the cores; pictures are small.
sharp.concurrency(1);
sharp.cache(false);

export interface EncodedFrame {
  readonly info: FrameInfo;
  /** Null for a picture that was sent before. */
  readonly image: Uint8Array | null;
  /** float32, little endian. */
  readonly values: Uint8Array | null;
}

/** Lossless WebP of a frame at its own size (2-D points as a 160 px scatter), its statistics and raw values. */
export async function encodeFrame(
  info: Omit<FrameInfo, "stats" | "format">,
  values: Float32Array,
): Promise<EncodedFrame & { image: Uint8Array; values: Uint8Array }> {
  const { width, height, channels, data } = rasterize(info.shape, values);
  const image = await sharp(data, { raw: { width, height, channels } }).webp({ lossless: true, effort: 0 }).toBuffer();
  return {
    info: { ...info, stats: statisticsOf(values), format: "webp" },
    image,
    values: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}
