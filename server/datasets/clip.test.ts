import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { animate, type ClipFormat } from "../clips/animate";
import { findFfmpeg } from "../clips/ffmpeg";
import { ingestImages } from "./ingest";
import { preparedSafetensors, readPrepared } from "./prepared";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "distillery-clips-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const SIDE = 16;
/** Frame f of `count` is grey of level f / (count - 1). */
const animation = (count: number, format: ClipFormat) =>
  animate(
    Float32Array.from(
      { length: count * 3 * SIDE * SIDE },
      (_, i) => (2 * Math.floor(i / (3 * SIDE * SIDE))) / (count - 1) - 1,
    ),
    [count, 3, SIDE, SIDE],
    { format, framesPerSecond: 10, scale: 1 },
  );
const still = (level: number) =>
  sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: { r: level, g: level, b: level } } })
    .png()
    .toBuffer();

async function put(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(home, "in", path)), { recursive: true });
  await writeFile(join(home, "in", path), bytes);
}
/** Grey level of each frame of each clip. */
async function ingest(frames: number) {
  const report = await ingestImages(join(home, "in"), join(home, "out"), { size: 8, frames });
  const prepared = await readPrepared(join(home, "out"));
  const { images } = decodeSafetensors(preparedSafetensors(prepared)).tensors;
  const perFrame = 3 * 8 * 8;
  const levels: Record<string, number[]> = {};
  prepared.manifest.images.forEach(({ path }, clip) => {
    levels[path] = Array.from({ length: frames }, (_, f) => Number(images?.data[(clip * frames + f) * perFrame]));
  });
  return { report, shape: images?.shape, levels, manifest: prepared.manifest };
}

describe("clips of a data set", () => {
  it("are animated pictures, evenly thinned, and folders of frames in the order of their names", async () => {
    await put("fast/a.gif", await animation(5, "gif"));
    await put("fast/short.webp", await animation(2, "webp"));
    for (let i = 0; i < 9; i++) await put(`slow/walk/${i + 1}.png`, await still(20 * i));
    const { report, shape, levels, manifest } = await ingest(4);
    expect(report.classes).toEqual(["fast", "slow"]);
    expect(shape).toEqual([3, 4, 3, 8, 8]);
    // Frames 0, 1, 2, 3 of five: levels 0, 1/4, 1/2, 3/4.
    expect(levels["fast/a.gif"]?.map((value) => Math.round(value / 16))).toEqual([0, 4, 8, 12]);
    expect(levels["slow/walk 1"]).toEqual([0, 20, 40, 60]);
    expect(levels["slow/walk 2"]).toEqual([80, 100, 120, 140]);
    expect(manifest.images.map(({ classIndex }) => classIndex)).toEqual([0, 1, 1]);
    expect(Object.fromEntries(report.skipped.map(({ path, reason }) => [path, reason]))).toEqual({
      "fast/short.webp": "2 frames; a clip has 4",
      "slow/walk/9.png": "9 frames in this folder; a clip has 4",
    });
  });

  it.skipIf(findFfmpeg() === undefined)("are videos where ffmpeg is installed", async () => {
    await put("film.mp4", await animation(8, "mp4"));
    await put("broken.webm", Buffer.from("no video"));
    const { report, levels } = await ingest(4);
    expect(report.images).toBe(1);
    const wanted = [0, 2, 4, 6].map((frame) => (255 * frame) / 7);
    levels["film.mp4"]?.forEach((level, f) => {
      expect(Math.abs(level - (wanted[f] as number))).toBeLessThan(6);
    });
    expect(report.skipped[0]?.reason).toMatch(/^ffmpeg failed/);
  });

  it("are left out with a reason where ffmpeg is missing, and where pictures are asked for", async () => {
    const before = process.env.FFMPEG_PATH;
    process.env.FFMPEG_PATH = join(home, "nowhere");
    try {
      await put("film.mp4", Buffer.from("x"));
      await put("a.gif", await animation(2, "gif"));
      const { report } = await ingest(2);
      expect(report.skipped).toMatchObject([
        { path: "film.mp4", reason: expect.stringMatching(/^ffmpeg is not installed/) },
      ]);
      await rm(join(home, "out"), { recursive: true });
      const pictures = await ingest(1);
      expect(pictures.shape).toEqual([1, 3, 8, 8]);
      expect(pictures.report.skipped).toMatchObject([{ path: "film.mp4", reason: expect.stringMatching(/^a video/) }]);
    } finally {
      if (before === undefined) delete process.env.FFMPEG_PATH;
      else process.env.FFMPEG_PATH = before;
    }
  });
});
