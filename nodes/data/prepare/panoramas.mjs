/**
 * Makes nodes/data/panoramas (photographs cut from CC0 panoramas) from the packages listed in package.json beside this file:
 *
 *   npm install --prefix nodes/data/prepare && node nodes/data/prepare/panoramas.mjs
 *
 * Running it twice gives the same bytes. `--out DIR` writes somewhere else.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { develop, panoramaPackage, readPanorama, view } from "./panorama.mjs";
import { grid } from "./raster.mjs";

const SIZE = 64;
const COLUMNS = 27;
const CROPS = 36;
const QUALITY = 92;
/** Degrees. */
const FOV = [58, 82];
const PITCH = [-28, 22];

/** Every panorama of the package, and what kind of place it shows. */
const PANORAMAS = {
  apartment: "room",
  bridge: "hall",
  city: "city",
  dawn: "nature",
  esplanade: "hall",
  forest: "nature",
  hall: "hall",
  lab: "room",
  lobby: "room",
  night: "nature",
  park: "nature",
  sky: "sky",
  studio: "room",
  sunrise: "nature",
  sunset: "city",
  venice: "city",
  warehouse: "hall",
  workshop: "hall",
};
/** Whole panoramas, so that no held-out crop shows a corner of a training picture. */
const HELD_OUT = ["city", "lobby", "park", "warehouse"];

const { values } = parseArgs({ options: { out: { type: "string", default: join(import.meta.dirname, "..") } } });
const target = join(resolve(values.out), "panoramas");
sharp.concurrency(1);
mkdirSync(target, { recursive: true });

/** mulberry32: numbers in [0, 1) from a 32-bit seed. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

const radians = (degrees) => (degrees * Math.PI) / 180;
const cells = [];
for (const [index, name] of Object.keys(PANORAMAS).entries()) {
  const panorama = await readPanorama(name);
  const random = generator(1000 + index);
  const between = ([low, high]) => radians(low + (high - low) * random());
  for (let crop = 0; crop < CROPS; crop++) {
    // One direction in each of as many parts of a turn, so that all of the place is seen.
    const yaw = radians((360 * (crop + random())) / CROPS);
    cells.push(develop(view(panorama, { yaw, pitch: between(PITCH), fov: between(FOV) }, SIZE)));
  }
}

const { data, width, height } = grid(cells, SIZE, COLUMNS);
const file = `photos-${SIZE}.webp`;
const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
  .webp({ quality: QUALITY, effort: 6 })
  .toBuffer();
writeFileSync(join(target, file), bytes);

const manifest = {
  format: "distillery-panoramas",
  version: 1,
  title: "Photographs",
  licence: "CC0-1.0",
  attribution: "Poly Haven (https://polyhaven.com/hdris), packaged by Poimandres; crops, tone-mapped",
  source: panoramaPackage(),
  size: SIZE,
  columns: COLUMNS,
  crops: CROPS,
  atlas: { file, width, height, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
};
const panoramas = Object.entries(PANORAMAS).map(([name, kind]) => ({ name, kind, heldOut: HELD_OUT.includes(name) }));
const head = JSON.stringify(manifest, null, 2).slice(0, -2);
const lines = panoramas.map((panorama) => `    ${JSON.stringify(panorama)}`).join(",\n");
writeFileSync(join(target, "manifest.json"), `${head},\n  "panoramas": [\n${lines}\n  ]\n}\n`);
console.log(`${cells.length} crops of ${panoramas.length} panoramas, ${(bytes.length / 1e6).toFixed(2)} MB`);
