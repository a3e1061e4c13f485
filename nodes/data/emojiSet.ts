/** The bundled emoji styles: what they are, which contents are held out, and how a cell is read from an atlas. */
import { z } from "zod";
import manifest from "./emoji/manifest.json";

const fileSchema = z.strictObject({
  file: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bytes: z.number().int().positive(),
  sha256: z.string().length(64),
});

const styleSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** SPDX name of the licence of the drawings. */
  licence: z.string(),
  licenceUrl: z.string(),
  attribution: z.string(),
  /** `package@version` the drawings were taken from. */
  source: z.string(),
  /** Part of the default selection: told apart at a glance even at 32 px. */
  default: z.boolean(),
  /** Permissive like the default ones, but close to another style. */
  extra: z.boolean(),
  /** Pictures derived from this style stay under its licence. */
  shareAlike: z.boolean(),
  files: z.strictObject({ 32: fileSchema, 64: fileSchema }),
});

const contentSchema = z.strictObject({
  /** Lower-case hex code points joined by "-", without fe0f. */
  codePoint: z.string().regex(/^[0-9a-f]+(-[0-9a-f]+)*$/),
  name: z.string(),
  group: z.enum(["smileys", "animals-nature", "food-drink", "travel-places", "activities", "objects"]),
  subgroup: z.string(),
  heldOut: z.boolean(),
});

/** `manifest.json` of an emoji pack; cell `i` of every atlas of the pack is `contents[i]`. */
export const emojiManifestSchema = z.strictObject({
  format: z.literal("distillery-emoji"),
  version: z.literal(1),
  title: z.string(),
  sizes: z.tuple([z.literal(32), z.literal(64)]),
  columns: z.number().int().positive(),
  split: z.string(),
  styles: z.array(styleSchema).min(1),
  contents: z.array(contentSchema).min(1),
});

export type EmojiManifest = z.infer<typeof emojiManifestSchema>;
export type EmojiStyle = EmojiManifest["styles"][number];
export type EmojiContent = EmojiManifest["contents"][number];
export type EmojiSize = EmojiManifest["sizes"][number];

/** The permissive pack, in `nodes/data/emoji/`. */
export const emojiManifest: EmojiManifest = emojiManifestSchema.parse(manifest);
export const emojiStyles: readonly EmojiStyle[] = emojiManifest.styles;
export const emojiContents: readonly EmojiContent[] = emojiManifest.contents;

/** Indices of the contents that no training may use, and of those that it may. */
export const heldOut: readonly number[] = emojiContents.flatMap((content, i) => (content.heldOut ? [i] : []));
export const notHeldOut: readonly number[] = emojiContents.flatMap((content, i) => (content.heldOut ? [] : [i]));

/** 32-bit FNV-1a of the ASCII text of a code point (Fowler, Noll, Vo). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** The split: a content is held out when FNV-1a of its `codePoint` text, modulo 100, is below 15. */
export const isHeldOut = (codePoint: string): boolean => fnv1a(codePoint) % 100 < 15;

/**
 * The style with this id.
 * @throws when the pack has no such style; the message lists those it has.
 */
export function emojiStyle(id: string, pack: EmojiManifest = emojiManifest): EmojiStyle {
  const style = pack.styles.find((candidate) => candidate.id === id);
  if (style) return style;
  throw new Error(`There is no emoji style "${id}"; choose one of ${pack.styles.map((s) => s.id).join(", ")}.`);
}

/** A decoded atlas file: rows top to bottom, `channels` bytes a pixel, RGB first. */
export interface DecodedAtlas {
  width: number;
  height: number;
  channels: 3 | 4;
  data: Uint8Array;
}

/** Cells of one style at one size. Decoding the WebP is the caller's (sharp in Node, a canvas in the browser). */
export class EmojiAtlas {
  readonly count: number;

  /** @throws when the picture is not the one that the manifest describes; both sizes are in the message. */
  constructor(
    readonly style: EmojiStyle,
    readonly size: EmojiSize,
    private readonly pixels: DecodedAtlas,
    private readonly pack: EmojiManifest = emojiManifest,
  ) {
    const { file, width, height } = style.files[size];
    if (pixels.width !== width || pixels.height !== height) {
      throw new Error(
        `${file} should be ${width}x${height} pixels but is ${pixels.width}x${pixels.height}; make it again with nodes/data/prepare/emoji.mjs.`,
      );
    }
    const bytes = width * height * pixels.channels;
    if (pixels.data.length !== bytes) {
      throw new Error(`${file} should decode to ${bytes} bytes but gave ${pixels.data.length}.`);
    }
    this.count = pack.contents.length;
  }

  /**
   * Picture of `contents[index]`, RGB on white, as [3, size, size] (channel, row, column) in [-1, 1].
   * @param into written and returned when given; its length must be 3 * size * size
   */
  cell(index: number, into: Float32Array = new Float32Array(3 * this.size * this.size)): Float32Array {
    const { size, count } = this;
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`Style "${this.style.id}" has cells 0 to ${count - 1}; there is no cell ${index}.`);
    }
    const plane = size * size;
    if (into.length !== 3 * plane) {
      throw new Error(`A cell is [3, ${size}, ${size}] = ${3 * plane} values; the target has ${into.length}.`);
    }
    const { data, width, channels } = this.pixels;
    const top = Math.floor(index / this.pack.columns) * size;
    const left = (index % this.pack.columns) * size;
    for (let y = 0; y < size; y++) {
      let from = ((top + y) * width + left) * channels;
      for (let at = y * size; at < (y + 1) * size; at++, from += channels) {
        for (let c = 0; c < 3; c++) into[c * plane + at] = data[from + c]! / 127.5 - 1;
      }
    }
    return into;
  }
}
