import { say } from "../language";
import type { Mask } from "./mask";

/** The mask as a PNG file in base64. */
export function maskPng(mask: Mask): string {
  const canvas = document.createElement("canvas");
  canvas.width = mask.size;
  canvas.height = mask.size;
  const context = canvas.getContext("2d");
  if (!context) throw new Error(say.playground.mask.cannotDraw);
  context.putImageData(new ImageData(mask.pixels(), mask.size, mask.size), 0, 0);
  return canvas.toDataURL("image/png").split(",")[1] ?? "";
}
