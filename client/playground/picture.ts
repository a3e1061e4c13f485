/** The picture to restyle: a file of one's own, or a held-out example. */
import { PLAYGROUND_LIMITS } from "@distillery/shared/protocol/playground";
import { say } from "../language";
import { formatBytes } from "../viewers/format";

const words = say.playground.picture;

export type Picture =
  | {
      readonly kind: "file";
      readonly title: string;
      /** Address of the file, good until it is revoked. */
      readonly url: string;
      readonly base64: string;
    }
  | {
      readonly kind: "example";
      readonly title: string;
      readonly url: string;
      readonly id: string;
      readonly style: string;
    };

export const ACCEPTED = "image/png,image/jpeg,image/webp,image/svg+xml,.png,.jpg,.jpeg,.webp,.svg";
const TYPES = /^image\/(png|jpe?g|webp|svg\+xml)$/;
const EXTENSIONS = /\.(png|jpe?g|webp|svg)$/i;

/** @throws Error with one line for people. */
export async function pictureOf(file: File): Promise<Picture> {
  const name = file.name || words.unnamed;
  if (!TYPES.test(file.type) && !EXTENSIONS.test(file.name)) throw new Error(words.wrongType(name));
  if (file.size > PLAYGROUND_LIMITS.pictureBytes)
    throw new Error(words.tooLarge(name, formatBytes(file.size), formatBytes(PLAYGROUND_LIMITS.pictureBytes)));
  const base64 = toBase64(new Uint8Array(await file.arrayBuffer()));
  return { kind: "file", title: name, url: URL.createObjectURL(file), base64 };
}

/** Bytes in chunks, so that no call gets millions of arguments. */
export function toBase64(bytes: Uint8Array): string {
  const CHUNK = 0x8000;
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

/** The first picture among what was dropped or pasted. */
export const pictureFileIn = (data: DataTransfer | null): File | undefined =>
  [...(data?.files ?? [])].find((file) => TYPES.test(file.type) || EXTENSIONS.test(file.name)) ?? data?.files[0];

/** A picture in its own pixels, or `scale` times as large without smoothing. @throws Error when it cannot be read. */
export async function enlarged(address: string, scale: number): Promise<Blob> {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth * scale;
  canvas.height = picture.naturalHeight * scale;
  const context = canvas.getContext("2d");
  if (!context) throw new Error(words.cannotDraw);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error(words.cannotWrite);
  return blob;
}
