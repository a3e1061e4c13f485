/** The bundled animated emoji: every clip is a row of an atlas, its frames side by side. */
import { z } from "zod";
import manifest from "../animated/manifest.json";
import { emojiContents } from "../emojiSet";

const manifestSchema = z.strictObject({
  format: z.literal("distillery-clips"),
  version: z.literal(1),
  title: z.string(),
  licence: z.literal("MIT"),
  attribution: z.string(),
  /** `package@version` the animations were taken from. */
  source: z.array(z.string()),
  size: z.literal(32),
  frames: z.number().int().positive(),
  atlas: z.strictObject({
    file: z.string(),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    bytes: z.number().int().positive(),
    sha256: z.string().length(64),
  }),
  /** Code points, in the order of the rows. */
  clips: z.array(z.string()).min(1),
});

export const animatedManifest = manifestSchema.parse(manifest);

/** Indices into `emojiContents`, in the order of the rows: names, kinds and the split are theirs. */
export const animatedContents: readonly number[] = animatedManifest.clips.map((codePoint) =>
  emojiContents.findIndex((content) => content.codePoint === codePoint),
);

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB. */
  readonly data: Uint8Array;
}

/** @throws when the picture is not the one that the manifest describes */
export function checkAtlas({ width, height }: Pixels): void {
  const { file, width: wide, height: high } = animatedManifest.atlas;
  if (width === wide && height === high) return;
  throw new Error(
    `${file} should be ${wide}x${high} pixels but is ${width}x${height}; make it again with nodes/data/prepare/clips.mjs.`,
  );
}

/** Writes frame `frame` of clip `row` as [3, 32, 32] in [-1, 1]; frames go round, as the animations do. */
export function writeFrame(
  { width, data }: Pixels,
  row: number,
  frame: number,
  out: Float32Array,
  offset: number,
): void {
  const { size, frames } = animatedManifest;
  const left = (frame % frames) * size;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = ((row * size + y) * width + left + x) * 3;
      for (let c = 0; c < 3; c++) out[offset + (c * size + y) * size + x] = (data[from + c] as number) / 127.5 - 1;
    }
  }
}
