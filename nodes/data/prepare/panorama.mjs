/** From an equirectangular EXR to photographs: decode, turn a camera inside it, expose and tone-map. */
import { createRequire } from "node:module";

// three's loader looks for the browser's global object.
globalThis.self ??= globalThis;
const { EXRLoader } = await import("three/examples/jsm/loaders/EXRLoader.js");
const { FloatType } = await import("three");

const require = createRequire(import.meta.url);

/** Geometric mean luminance of an exposed picture before the tone curve. */
const KEY = 0.2;
/** Linear values at and below which a pixel beside one above BLOWN is a fault of the compression. */
const DARK = 1e-3;
const BLOWN = 10;
/** Rays per pixel and axis. */
const SUPERSAMPLE = 2;

export const panoramaPackage = () => {
  const { name, version } = require("@pmndrs/assets/package.json");
  return `${name}@${version}`;
};

/** @returns {Promise<{width: number, height: number, rgb: Float32Array}>} linear light, row 0 is the zenith */
export async function readPanorama(name) {
  const { default: url } = await import(`@pmndrs/assets/hdri/${name}.exr.js`);
  const bytes = Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
  const { width, height, data } = new EXRLoader()
    .setDataType(FloatType)
    .parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const channels = data.length / (width * height);
  const rgb = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    // The loader puts the bottom row first.
    const from = (height - 1 - y) * width;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const value = data[(from + x) * channels + c];
        rgb[(y * width + x) * 3 + c] = Number.isFinite(value) ? Math.max(value, 0) : 0;
      }
    }
  }
  const panorama = { width, height, rgb };
  mend(panorama);
  return panorama;
}

/**
 * DWAB compression rings beside blown highlights: whole blocks lose red and green there and show as blue and black specks.
 * Such pixels are filled from their sound neighbours, ring by ring.
 */
function mend({ width, height, rgb }) {
  const at = (x, y) => (y * width + ((x + width) % width)) * 3;
  const neighbours = (x, y, reach) => {
    const found = [];
    for (let v = Math.max(y - reach, 0); v <= Math.min(y + reach, height - 1); v++) {
      for (let u = x - reach; u <= x + reach; u++) found.push(at(u, v));
    }
    return found;
  };
  let broken = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = at(x, y);
      if (Math.min(rgb[i], rgb[i + 1]) > DARK) continue;
      if (neighbours(x, y, 6).some((j) => Math.max(rgb[j], rgb[j + 1], rgb[j + 2]) > BLOWN)) broken.push({ x, y, i });
    }
  }
  const isBroken = new Set(broken.map(({ i }) => i));
  while (broken.length > 0) {
    const filled = broken.flatMap(({ x, y, i }) => {
      const sound = neighbours(x, y, 1).filter((j) => !isBroken.has(j));
      const mean = (c) => sound.reduce((sum, j) => sum + rgb[j + c], 0) / sound.length;
      return sound.length === 0 ? [] : [{ i, colour: [mean(0), mean(1), mean(2)] }];
    });
    if (filled.length === 0) return;
    for (const { i, colour } of filled) {
      rgb.set(colour, i);
      isBroken.delete(i);
    }
    broken = broken.filter(({ i }) => isBroken.has(i));
  }
}

/** Bilinear look-up; the picture goes round, the poles end. */
function sample({ width, height, rgb }, u, v, out) {
  const x = (((u * width - 0.5) % width) + width) % width;
  const y = Math.min(Math.max(v * height - 0.5, 0), height - 1);
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [(left + 1) % width, Math.min(top + 1, height - 1)];
  const [fx, fy] = [x - left, y - top];
  for (let c = 0; c < 3; c++) {
    const at = (row, column) => rgb[(row * width + column) * 3 + c];
    const above = at(top, left) * (1 - fx) + at(top, right) * fx;
    const below = at(bottom, left) * (1 - fx) + at(bottom, right) * fx;
    out[c] = above * (1 - fy) + below * fy;
  }
}

/**
 * What a camera at the panorama's centre sees: size x size linear RGB.
 * `yaw`, `pitch` (up is positive) and `fov` (of a side) in radians; a gnomonic projection.
 */
export function view(panorama, { yaw, pitch, fov }, size) {
  const rays = size * SUPERSAMPLE;
  const half = Math.tan(fov / 2);
  const picture = new Float32Array(size * size * 3);
  const colour = new Float32Array(3);
  const [sinPitch, cosPitch] = [Math.sin(pitch), Math.cos(pitch)];
  for (let j = 0; j < rays; j++) {
    const up = (1 - (2 * (j + 0.5)) / rays) * half;
    for (let i = 0; i < rays; i++) {
      const right = ((2 * (i + 0.5)) / rays - 1) * half;
      const forward = cosPitch - up * sinPitch;
      const height = sinPitch + up * cosPitch;
      const azimuth = yaw + Math.atan2(right, forward);
      const elevation = Math.atan2(height, Math.hypot(right, forward));
      sample(panorama, azimuth / (2 * Math.PI), 0.5 - elevation / Math.PI, colour);
      const to = (Math.floor(j / SUPERSAMPLE) * size + Math.floor(i / SUPERSAMPLE)) * 3;
      // Limited, so that one ray into the sun does not outshine its pixel.
      for (let c = 0; c < 3; c++) picture[to + c] += Math.min(colour[c], 50) / SUPERSAMPLE ** 2;
    }
  }
  return picture;
}

/** Exposes by the geometric mean luminance, then Narkowicz's fit of the ACES curve (2015) and the sRGB-like gamma 2.2. */
export function develop(linear) {
  const pixels = linear.length / 3;
  let logarithms = 0;
  for (let i = 0; i < linear.length; i += 3) {
    logarithms += Math.log(0.2126 * linear[i] + 0.7152 * linear[i + 1] + 0.0722 * linear[i + 2] + 1e-4);
  }
  const exposure = KEY / Math.exp(logarithms / pixels);
  return Buffer.from(
    Uint8Array.from(linear, (value) => {
      const x = value * exposure;
      const toned = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14);
      return Math.round(255 * Math.min(Math.max(toned, 0), 1) ** (1 / 2.2));
    }),
  );
}
