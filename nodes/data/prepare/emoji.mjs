/**
 * Makes nodes/data/emoji and nodes/data/emoji-openmoji from the packages listed in package.json beside this file:
 *
 *   npm install --prefix nodes/data/prepare && node nodes/data/prepare/emoji.mjs
 *
 * Running it twice gives the same bytes. `--out DIR` writes somewhere else.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { candidates } from "./contents.mjs";
import { cell, darkest, grid, isEmpty, rasterise, unionBox } from "./raster.mjs";
import { alignedStyles, shareAlikeStyles, sourceOf, styles } from "./styles.mjs";

const SIZES = [32, 64];
const COLUMNS = 28;
/** A content is dropped when some style draws it so pale that no channel of any pixel is below this. */
const BLANK = 200;

const { values } = parseArgs({ options: { out: { type: "string", default: join(import.meta.dirname, "..") } } });
const out = resolve(values.out);
sharp.concurrency(1);
sharp.cache(false);

const all = [...styles, ...shareAlikeStyles].map((style) => ({ style, set: style.open(style.packageName) }));
const common = candidates().filter(({ codePoint }) => all.every(({ set }) => set.has(codePoint)));

const contents = [];
const dropped = [];
const cells = new Map(all.flatMap(({ style }) => SIZES.map((size) => [`${style.id}-${size}`, []])));

for (const content of common) {
  const drawings = new Map();
  for (const { style, set } of all) drawings.set(style.id, await rasterise(set.picture(content.codePoint)));
  const shared = alignedStyles.map((id) => drawings.get(id).box).reduce(unionBox);
  for (const id of alignedStyles) drawings.get(id).crop = shared;
  if ([...drawings.values()].some(({ box }) => isEmpty(box))) {
    dropped.push(`${content.name} (nothing drawn)`);
    continue;
  }
  const made = new Map();
  let pale;
  for (const [id, { data, box, crop }] of drawings) {
    for (const size of SIZES) {
      const rgb = await cell(data, crop ?? box, size);
      if (darkest(rgb) >= BLANK) pale = id;
      made.set(`${id}-${size}`, rgb);
    }
  }
  if (pale) {
    dropped.push(`${content.name} (too pale in ${pale})`);
    continue;
  }
  contents.push(content);
  for (const [key, rgb] of made) cells.get(key).push(rgb);
}

async function writePack(folder, title, packStyles) {
  const target = join(out, folder);
  mkdirSync(target, { recursive: true });
  const entries = [];
  for (const { open: _, packageName: __, ...style } of packStyles.map((s) => ({ ...s, source: sourceOf(s) }))) {
    const files = {};
    for (const size of SIZES) {
      const { data, width, height } = grid(cells.get(`${style.id}-${size}`), size, COLUMNS);
      const file = `${style.id}-${size}.webp`;
      const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
        .webp({ lossless: true, quality: 100, effort: 6 })
        .toBuffer();
      writeFileSync(join(target, file), bytes);
      files[size] = {
        file,
        width,
        height,
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      };
    }
    entries.push({ ...style, files });
  }
  writeFileSync(join(target, "manifest.json"), manifestText(title, entries));
  return entries.flatMap((e) => Object.values(e.files)).reduce((sum, f) => sum + f.bytes, 0);
}

/** JSON with one style or content a line, so that a change shows as a short diff. */
function manifestText(title, entries) {
  const lines = (list) => `[\n${list.map((item) => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`;
  return `{
  "format": "distillery-emoji",
  "version": 1,
  "title": ${JSON.stringify(title)},
  "sizes": ${JSON.stringify(SIZES)},
  "columns": ${COLUMNS},
  "split": ${JSON.stringify("heldOut: FNV-1a (32 bit) of the codePoint string, modulo 100, is below 15")},
  "styles": ${lines(entries)},
  "contents": ${lines(contents)}
}
`;
}

const bytes = await writePack("emoji", "Emoji styles", styles);
const shareAlikeBytes = await writePack("emoji-openmoji", "OpenMoji (share-alike)", shareAlikeStyles);
const held = contents.filter((c) => c.heldOut).length;
console.log(
  `${contents.length} contents of ${common.length} (${held} held out), ${styles.length} + ${shareAlikeStyles.length} styles`,
);
console.log(`${(bytes / 1e6).toFixed(2)} MB, share-alike pack ${(shareAlikeBytes / 1e6).toFixed(2)} MB`);
if (dropped.length) console.log(`dropped: ${dropped.join("; ")}`);
