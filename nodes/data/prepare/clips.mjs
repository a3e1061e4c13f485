/**
 * Makes nodes/data/clips/animated (animated emoji as short clips) from the packages listed in package.json beside this file:
 *
 *   npm install --prefix nodes/data/prepare && node nodes/data/prepare/clips.mjs
 *
 * Running it twice gives the same bytes. `--out DIR` writes somewhere else.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { grid } from "./raster.mjs";

const PACKAGES = ["@lobehub/fluent-emoji-anim-1", "@lobehub/fluent-emoji-anim-3"];
const SIZE = 32;
/** Frames taken of every animation, evenly spaced; what has fewer of its own is left out. */
const FRAMES = 16;
/** Mean absolute difference of neighbouring frames, 0 to 1, below which a clip counts as a still. */
const STILL = 0.01;
const QUALITY = 90;

const { values } = parseArgs({ options: { out: { type: "string", default: join(import.meta.dirname, "..") } } });
const target = join(resolve(values.out), "animated");
sharp.concurrency(1);
mkdirSync(target, { recursive: true });

/** The emoji of the still sets: the same names, kinds and split. */
const emoji = JSON.parse(readFileSync(join(import.meta.dirname, "..", "emoji", "manifest.json"), "utf8"));

/** Code points, without the mark that asks for a picture -> file. */
const files = new Map();
const versions = [];
for (const name of PACKAGES) {
  const folder = join(import.meta.dirname, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  versions.push(`${name}@${version}`);
  for (const file of readdirSync(join(folder, "assets"))) {
    files.set(file.replace(/\.webp$/, "").replaceAll("-fe0f", ""), join(folder, "assets", file));
  }
}

/** FRAMES cells of one animation, RGB on white; undefined when it has too few frames or hardly moves. */
async function clipOf(file) {
  const { pages = 1 } = await sharp(file).metadata();
  if (pages < FRAMES) return undefined;
  const { data, info } = await sharp(file, { animated: true })
    .resize(SIZE, SIZE, { kernel: "lanczos2" })
    .flatten({ background: "#ffffff" })
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== SIZE || info.height !== SIZE * pages) throw new Error(`${file} is ${info.width}x${info.height}`);
  const bytes = SIZE * SIZE * 3;
  const cells = Array.from({ length: FRAMES }, (_, i) => {
    const page = Math.floor((i * pages) / FRAMES);
    return data.subarray(page * bytes, (page + 1) * bytes);
  });
  let moved = 0;
  for (let i = 1; i < FRAMES; i++) {
    for (let at = 0; at < cells[i].length; at++) moved += Math.abs(cells[i][at] - cells[i - 1][at]);
  }
  return moved / (255 * (FRAMES - 1) * cells[0].length) < STILL ? undefined : cells;
}

const cells = [];
const clips = [];
for (const { codePoint } of emoji.contents) {
  const file = files.get(codePoint.replaceAll("-fe0f", ""));
  const clip = file && (await clipOf(file));
  if (!clip) continue;
  cells.push(...clip);
  clips.push(codePoint);
}

const { data, width, height } = grid(cells, SIZE, FRAMES);
const file = `clips-${SIZE}.webp`;
const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
  .webp({ quality: QUALITY, effort: 6, smartSubsample: true })
  .toBuffer();
writeFileSync(join(target, file), bytes);

const manifest = {
  format: "distillery-clips",
  version: 1,
  title: "Animated emoji",
  licence: "MIT",
  attribution:
    "Fluent Emoji animated, (c) Microsoft Corporation, https://github.com/microsoft/fluentui-emoji-animated, packaged by LobeHub; " +
    "every few frames, resized, flattened on white",
  source: versions,
  size: SIZE,
  frames: FRAMES,
  atlas: { file, width, height, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
};
const head = JSON.stringify(manifest, null, 2).slice(0, -2);
const lines = clips.map((codePoint) => `    ${JSON.stringify(codePoint)}`).join(",\n");
writeFileSync(join(target, "manifest.json"), `${head},\n  "clips": [\n${lines}\n  ]\n}\n`);
console.log(`${clips.length} clips of ${FRAMES} frames, ${(bytes.length / 1e6).toFixed(2)} MB`);
