/** What a user gives, decoded with the same care as an upload, at the size the networks take. */
import type { Resources } from "@distillery/shared/graph/wires";
import sharp from "sharp";
import { defaultLimits } from "../datasets/limits";
import { preparePicture } from "../datasets/picture";

export type RgbPicture = Awaited<ReturnType<Resources["image"]>>;

/** What was given is of no use; the message is for whoever gave it. */
export class InputRefused extends Error {
  override readonly name = "InputRefused";
}

/** Fitted on white. */
export async function fittedPicture(
  bytes: Uint8Array,
  [height, width]: readonly [number, number],
): Promise<RgbPicture> {
  const side = Math.max(height, width);
  try {
    const { planes } = await preparePicture(
      Buffer.from(bytes),
      side,
      "contain",
      defaultLimits,
      defaultLimits.imagePixels,
    );
    const plane = side * side;
    const data = Uint8Array.from({ length: 3 * plane }, (_, i) => planes[(i % 3) * plane + Math.floor(i / 3)] ?? 0);
    return { width: side, height: side, channels: 3, data };
  } catch (error) {
    throw refused("picture", error);
  }
}

/** Fitted on black, by nearest pixel; what is transparent is black. */
export async function fittedMask(bytes: Uint8Array, [height, width]: readonly [number, number]): Promise<RgbPicture> {
  const side = Math.max(height, width);
  try {
    const options = { limitInputPixels: defaultLimits.imagePixels, failOn: "error" as const, animated: false };
    const { format } = await sharp(bytes, options).metadata();
    if (format !== "png") throw new Error(`a mask is a PNG, not ${format ?? "this"}`);
    const { data } = await sharp(bytes, options)
      .flatten({ background: "#000000" })
      .resize(side, side, { fit: "contain", kernel: "nearest", background: "#000000" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: side, height: side, channels: 3, data: new Uint8Array(data) };
  } catch (error) {
    throw refused("mask", error);
  }
}

function refused(what: string, error: unknown): InputRefused {
  const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  return new InputRefused(`The ${what} cannot be used: ${reason.slice(0, 200)}`);
}
