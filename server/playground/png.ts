import sharp from "sharp";
import { rasterize } from "../worker/frames/rasterize";

/** A PNG of planes [C, H, W] in [-1, 1]. */
export async function pngOf(values: Float32Array, height: number, width: number): Promise<Buffer> {
  const channels = values.length / (height * width);
  const { data, ...raster } = rasterize([channels, height, width], values);
  return sharp(data, { raw: raster }).png({ compressionLevel: 6 }).toBuffer();
}

export const dataUrl = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
