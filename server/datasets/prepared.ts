/** A prepared data set on disk: `images.u8` (uint8 [N, 3, size, size]; of clips [N, frames, 3, size, size]) and `manifest.json` in one folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeSafetensors } from "@distillery/shared/run/safetensors";
import { z } from "zod";

export const IMAGES_FILE = "images.u8";
export const MANIFEST_FILE = "manifest.json";

const imageSchema = z.strictObject({
  path: z.string(),
  /** -1: none. */
  classIndex: z.number().int().min(-1),
  caption: z.string().optional(),
});

export const preparedManifestSchema = z.strictObject({
  format: z.literal("distillery-images"),
  version: z.literal(1),
  size: z.number().int().positive(),
  /** Of clips; absent where the samples are pictures. */
  frames: z.number().int().min(2).optional(),
  classes: z.array(z.string()),
  images: z.array(imageSchema).min(1),
  skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
});

export type ImageRecord = z.infer<typeof imageSchema>;
export type PreparedManifest = z.infer<typeof preparedManifestSchema>;

export interface PreparedDataset {
  manifest: PreparedManifest;
  /** uint8 [N, 3, size, size] */
  images: Uint8Array<ArrayBuffer>;
}

/** @throws when the folder is not a prepared data set or its two files disagree */
export async function readPrepared(folder: string): Promise<PreparedDataset> {
  const manifest = preparedManifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST_FILE), "utf8")));
  const images = new Uint8Array(await readFile(join(folder, IMAGES_FILE)));
  const expected = manifest.images.length * (manifest.frames ?? 1) * 3 * manifest.size ** 2;
  if (images.length !== expected) {
    throw new Error(
      `${join(folder, IMAGES_FILE)} should have ${expected} bytes but has ${images.length}; import the images again.`,
    );
  }
  return { manifest, images };
}

/** As the node "My images" reads it: safetensors with `images` uint8 [N, (frames,) 3, size, size] and, with classes, `classes` int32 [N]. */
export function preparedSafetensors({ manifest, images }: PreparedDataset): Uint8Array<ArrayBuffer> {
  const count = manifest.images.length;
  const { size, frames } = manifest;
  const shape = [count, ...(frames === undefined ? [] : [frames]), 3, size, size];
  const pixels = { dtype: "uint8", shape, data: images } as const;
  if (manifest.classes.length === 0) return encodeSafetensors({ images: { ...pixels, shape: [...pixels.shape] } });
  const classes = Int32Array.from(manifest.images, (image) => image.classIndex);
  return encodeSafetensors({
    images: { ...pixels, shape: [...pixels.shape] },
    classes: { dtype: "int32", shape: [count], data: classes },
  });
}
