import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";
import sharp from "sharp";

// x_t = alpha x0 + sigma eps
const levels = ({ space, timesteps, alphasCumprod: abar }, t) =>
  space === "rf" ? [1 - t / timesteps, t / timesteps] : [Math.sqrt(abar[t]), Math.sqrt(1 - abar[t])];

export async function sample(session, { sample, sampler, schedule, labels }, x, told, nfe) {
  for (let i = 0; i < nfe; i++) {
    const [t, s] = sampler.timesteps[nfe].slice(i);
    const int64 = (...values) => new ort.Tensor("int64", BigInt64Array.from(values, BigInt), [2]);
    const feeds = { x: new ort.Tensor("float32", Float32Array.of(...x, ...x), [2, ...sample.shape]), t: int64(t, t) };
    for (const [name, { length }] of Object.entries(labels)) feeds[name] = int64(told[name] ?? length, length);
    if (sampler.w !== undefined) feeds.w = new ort.Tensor("float32", [sampler.w, sampler.w], [2]);
    const { predX0, eps } = await session.run(feeds);
    const guided = ({ data }, k) => data[k] + sampler.guidanceScale * (data[k] - data[k + x.length]);
    const [alpha, sigma] = levels(schedule, s);
    x = x.map((_, k) => alpha * guided(predX0, k) + sigma * guided(eps, k));
  }
  return x;
}

// node sample.mjs photo.png out.png CLASS NFE [SEED], beside student.onnx and student.json
const [photo, out, style, nfe, seed = "1"] = process.argv.slice(2);
if (photo !== undefined) {
  const student = JSON.parse(readFileSync("student.json", "utf8"));
  const [channels, h, w] = student.sample.shape;
  const raw = await sharp(photo).flatten({ background: "#fff" }).resize(w, h).toColourspace("srgb").raw().toBuffer();
  const clean = (k) => raw[3 * (k % (h * w)) + Math.floor(k / (h * w))] / 127.5 - 1;
  const [alpha, sigma] = levels(student.schedule, student.start.timestep);
  const bits = createHash("shake256", { outputLength: 8 * raw.length })
    .update(seed)
    .digest();
  const uniform = (i) => (bits.readUInt32LE(4 * i) + 0.5) / 2 ** 32;
  const normal = (k) => Math.sqrt(-2 * Math.log(uniform(2 * k))) * Math.cos(2 * Math.PI * uniform(2 * k + 1));
  const start = Float32Array.from(raw, (_, k) => alpha * clean(k) + sigma * normal(k));
  const x = await sample(await ort.InferenceSession.create("student.onnx"), student, start, { class: style }, nfe);
  const bytes = Uint8ClampedArray.from(x, (_, k) => 127.5 * (1 + x[h * w * (k % 3) + Math.floor(k / 3)]));
  await sharp(bytes, { raw: { width: w, height: h, channels } }).toFile(out);
}
