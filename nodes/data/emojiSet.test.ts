import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  type DecodedAtlas,
  EmojiAtlas,
  type EmojiManifest,
  type EmojiSize,
  emojiContents,
  emojiManifest,
  emojiStyle,
  emojiStyles,
  heldOut,
  isHeldOut,
  notHeldOut,
} from "./emojiSet";
import { shareAlikeManifest } from "./emojiShareAlike";

const packs: [string, EmojiManifest][] = [
  ["emoji", emojiManifest],
  ["emoji-openmoji", shareAlikeManifest],
];
const fileOf = (folder: string, file: string) => readFileSync(new URL(`./${folder}/${file}`, import.meta.url));

async function open(folder: string, pack: EmojiManifest, id: string, size: EmojiSize) {
  const style = emojiStyle(id, pack);
  const { data, info } = await sharp(fileOf(folder, style.files[size].file))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  const pixels: DecodedAtlas = { width: info.width, height: info.height, channels: 3, data };
  return new EmojiAtlas(style, size, pixels, pack);
}

describe("the emoji manifest", () => {
  it("names six default styles and two extra ones, none of them share-alike", () => {
    expect(emojiStyles.filter((s) => s.default).map((s) => s.id)).toEqual([
      "fluent-3d",
      "fluent-flat",
      "fluent-high-contrast",
      "twemoji",
      "noto-v1",
      "noto-mono",
    ]);
    expect(emojiStyles.filter((s) => s.extra).map((s) => s.id)).toEqual(["noto", "emojione"]);
    expect(emojiStyles.every((s) => ["MIT", "CC-BY-4.0", "Apache-2.0", "OFL-1.1"].includes(s.licence))).toBe(true);
    expect(shareAlikeManifest.styles.every((s) => s.shareAlike && s.licence === "CC-BY-SA-4.0")).toBe(true);
  });

  it("has each content once, in the same order in both packs, without people, symbols and flags", () => {
    expect(emojiContents.length).toBeGreaterThan(740);
    expect(new Set(emojiContents.map((c) => c.codePoint)).size).toBe(emojiContents.length);
    expect(shareAlikeManifest.contents).toEqual(emojiContents);
    expect(emojiContents.filter((c) => /^1f55[0-9a-f]$|^1f56[0-7]$/.test(c.codePoint))).toHaveLength(2);
    expect(emojiContents.find((c) => c.codePoint === "1f436")).toMatchObject({
      name: "dog face",
      subgroup: "animal-mammal",
    });
  });

  it.each(packs)("describes the files of %s exactly", (folder, pack) => {
    for (const style of pack.styles) {
      for (const size of pack.sizes) {
        const { file, bytes, sha256, width, height } = style.files[size];
        const content = fileOf(folder, file);
        expect(content.length).toBe(bytes);
        expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
        expect(width).toBe(pack.columns * size);
        expect(height).toBe(Math.ceil(pack.contents.length / pack.columns) * size);
      }
    }
  });
});

describe("the held-out split", () => {
  it("is about 15 % overall and present in every group", () => {
    expect(heldOut.length + notHeldOut.length).toBe(emojiContents.length);
    expect(heldOut.length / emojiContents.length).toBeGreaterThan(0.12);
    expect(heldOut.length / emojiContents.length).toBeLessThan(0.18);
    for (const group of new Set(emojiContents.map((c) => c.group))) {
      expect(heldOut.some((i) => emojiContents[i]!.group === group)).toBe(true);
    }
  });

  it("is the documented hash and never moves", () => {
    for (const content of emojiContents) expect(content.heldOut).toBe(isHeldOut(content.codePoint));
    const list = heldOut.map((i) => emojiContents[i]!.codePoint).join(" ");
    expect(createHash("sha256").update(list).digest("hex").slice(0, 16)).toBe("a2f76b141daefb53");
  });
});

describe("EmojiAtlas", () => {
  const ink = (cell: Float32Array, plane: number) =>
    Array.from({ length: plane }, (_, i) => Math.min(cell[i]!, cell[plane + i]!, cell[2 * plane + i]!) < 0.9);

  it.each(packs)("gives %s cells that are not blank", async (folder, pack) => {
    for (const { id } of pack.styles) {
      const atlas = await open(folder, pack, id, 32);
      const cell = new Float32Array(3 * 32 * 32);
      for (let i = 0; i < atlas.count; i++) {
        atlas.cell(i, cell);
        const lowest = cell.reduce((min, v) => Math.min(min, v), 1);
        expect(lowest, `${id} ${pack.contents[i]!.name}`).toBeLessThan(200 / 127.5 - 1);
        expect(lowest).toBeGreaterThanOrEqual(-1);
      }
    }
  });

  it("keeps fluent-flat and fluent-3d aligned: mean mask IoU above 0.8 at both sizes", async () => {
    for (const size of emojiManifest.sizes) {
      const flat = await open("emoji", emojiManifest, "fluent-flat", size);
      const solid = await open("emoji", emojiManifest, "fluent-3d", size);
      let sum = 0;
      for (let i = 0; i < flat.count; i++) {
        const a = ink(flat.cell(i), size * size);
        const b = ink(solid.cell(i), size * size);
        const both = a.filter((v, k) => v && b[k]).length;
        sum += both / a.filter((v, k) => v || b[k]).length;
      }
      expect(sum / flat.count).toBeGreaterThan(0.8);
    }
  });

  it("lays cells out channel first and takes RGBA too", () => {
    const style = emojiStyle("twemoji");
    const { width, height } = style.files[32];
    const data = new Uint8Array(width * height * 4).fill(255);
    const index = emojiManifest.columns + 1;
    data.set([0, 51, 102], ((32 + 2) * width + 32 + 3) * 4);
    const cell = new EmojiAtlas(style, 32, { width, height, channels: 4, data }).cell(index);
    const at = 2 * 32 + 3;
    expect([cell[at], cell[1024 + at], cell[2048 + at]].map((v) => v!.toFixed(4))).toEqual([
      "-1.0000",
      "-0.6000",
      "-0.2000",
    ]);
    expect(cell.filter((v) => v === 1)).toHaveLength(3 * 1024 - 3);
  });

  it("says what is wrong with an atlas, a cell or a style", () => {
    const style = emojiStyle("twemoji");
    const { width, height } = style.files[32];
    const pixels = { width, height, channels: 3 as const, data: new Uint8Array(width * height * 3) };
    expect(() => new EmojiAtlas(style, 32, { ...pixels, width: 10 })).toThrow(
      `should be ${width}x${height} pixels but is 10x`,
    );
    expect(() => new EmojiAtlas(style, 32, { ...pixels, data: new Uint8Array(5) })).toThrow("gave 5");
    expect(() => new EmojiAtlas(style, 32, pixels).cell(emojiContents.length)).toThrow("there is no cell");
    expect(() => emojiStyle("klingon")).toThrow(/no emoji style "klingon"; choose one of fluent-3d/);
  });
});
