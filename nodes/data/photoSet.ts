/** The bundled photographs: crops of CC0 panoramas, what kind of place each shows, and which panoramas are held out. */
import { z } from "zod";
import { areaResize } from "./areaResize";
import manifest from "./panoramas/manifest.json";

const KINDS = ["room", "hall", "city", "nature", "sky"] as const;

/** `manifest.json`; cell `i` of the atlas is crop `i % crops` of panorama `i / crops`. */
const manifestSchema = z.strictObject({
  format: z.literal("distillery-panoramas"),
  version: z.literal(1),
  title: z.string(),
  licence: z.literal("CC0-1.0"),
  attribution: z.string(),
  /** `package@version` the panoramas were taken from. */
  source: z.string(),
  size: z.literal(64),
  columns: z.number().int().positive(),
  crops: z.number().int().positive(),
  atlas: z.strictObject({
    file: z.string(),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    bytes: z.number().int().positive(),
    sha256: z.string().length(64),
  }),
  panoramas: z.array(z.strictObject({ name: z.string(), kind: z.enum(KINDS), heldOut: z.boolean() })).min(1),
});

export const photoManifest = manifestSchema.parse(manifest);
export const photoKinds: readonly string[] = KINDS;

export interface Photo {
  readonly contentIndex: number;
  /** By whole panoramas, so that no held-out crop shows a corner of a training picture. */
  readonly isHeldOut: boolean;
  readonly classIndex: -1;
}

/** Every crop, in the order of the atlas. */
export const photos: readonly Photo[] = photoManifest.panoramas.flatMap(({ kind, heldOut }) =>
  Array.from(
    { length: photoManifest.crops },
    (): Photo => ({ contentIndex: KINDS.indexOf(kind), isHeldOut: heldOut, classIndex: -1 }),
  ),
);

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB. */
  readonly data: Uint8Array;
}

/** Crop `index` as [3, size, size] in [-1, 1]; smaller sizes than the atlas's 64 are area averages. */
export function photoCrop({ width, data }: Pixels, index: number, size: number): Float32Array {
  const { size: cell, columns } = photoManifest;
  const top = Math.floor(index / columns) * cell;
  const left = (index % columns) * cell;
  const crop = new Float32Array(3 * cell * cell);
  for (let y = 0; y < cell; y++) {
    for (let x = 0; x < cell; x++) {
      const from = ((top + y) * width + left + x) * 3;
      for (let c = 0; c < 3; c++) crop[(c * cell + y) * cell + x] = (data[from + c] as number) / 127.5 - 1;
    }
  }
  return size === cell ? crop : areaResize(crop, [3, cell, cell], size, size);
}

/** @throws when the picture is not the one that the manifest describes */
export function checkAtlas({ width, height }: Pixels): void {
  const { file, width: wide, height: high } = photoManifest.atlas;
  if (width === wide && height === high) return;
  throw new Error(
    `${file} should be ${wide}x${high} pixels but is ${width}x${height}; make it again with nodes/data/prepare/panoramas.mjs.`,
  );
}
