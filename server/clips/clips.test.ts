import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { animate } from "./animate";
import { FfmpegError, findFfmpeg, runFfmpeg } from "./ffmpeg";

const FRAMES = 3;
const SIDE = 4;
/** Frame f has the grey level f - 1: black, middle, white. */
const clip = Float32Array.from({ length: FRAMES * 3 * SIDE * SIDE }, (_, i) => Math.floor(i / (3 * SIDE * SIDE)) - 1);
const shape = [FRAMES, 3, SIDE, SIDE];

/** Grey level of each frame of an animated picture. */
async function levels(bytes: Uint8Array): Promise<number[]> {
  const { data, info } = await sharp(bytes, { animated: true })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const perFrame = data.length / FRAMES;
  expect(info.width).toBe(SIDE * 2);
  return Array.from({ length: FRAMES }, (_, f) => data[f * perFrame] as number);
}

describe("animate", () => {
  it.each(["gif", "webp"] as const)("writes an animated %s with its timing", async (format) => {
    const bytes = await animate(clip, shape, { format, framesPerSecond: 10, scale: 2 });
    const meta = await sharp(bytes, { animated: true }).metadata();
    expect(meta).toMatchObject({ format, pages: FRAMES, pageHeight: SIDE * 2, loop: 0, delay: [100, 100, 100] });
    const [black = 0, middle = 0, white = 0] = await levels(bytes);
    expect([black, white]).toEqual([0, 255]);
    expect(Math.abs(middle - 128)).toBeLessThanOrEqual(1);
  });

  it("takes a picture as a clip of one frame", async () => {
    const bytes = await animate(clip.subarray(0, 48), [3, SIDE, SIDE], {
      format: "webp",
      framesPerSecond: 8,
      scale: 1,
    });
    expect(await sharp(bytes).metadata()).toMatchObject({ width: SIDE, height: SIDE });
  });

  it.skipIf(findFfmpeg() === undefined)("writes an MP4 that ffmpeg reads back", async () => {
    const bytes = await animate(clip, shape, { format: "mp4", framesPerSecond: 8, scale: 8 });
    const raw = await runFfmpeg(["-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"], bytes);
    expect(raw.length).toBe(FRAMES * (SIDE * 8) ** 2 * 3);
    const means = Array.from({ length: FRAMES }, (_, f) => raw[(f * raw.length) / FRAMES] as number);
    means.forEach((level, f) => {
      expect(Math.abs(level - f * 127.5)).toBeLessThan(4);
    });
  });

  it("says what is missing where ffmpeg is not installed, and gives its own words where it fails", async () => {
    const empty = mkdtempSync(join(tmpdir(), "no-ffmpeg-"));
    try {
      const env = { PATH: empty };
      expect(findFfmpeg(env)).toBeUndefined();
      await expect(runFfmpeg([], null, { env })).rejects.toThrow("ffmpeg is not installed here");
      await expect(runFfmpeg([], null, { env: { FFMPEG_PATH: "/bin/false" } })).rejects.toThrow(FfmpegError);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
