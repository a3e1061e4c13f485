/** Clips of a data set: animated pictures, videos where ffmpeg is installed, and folders of frames. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { runFfmpeg } from "../clips/ffmpeg";
import type { IngestLimits, Skipped } from "./limits";
import { type Fit, looksLikePicture, type Prepared, preparePicture } from "./picture";
import type { SourceFile } from "./source";

const ANIMATION = /\.(gif|webp)$/i;
/** By extension: the one demuxer that may read the file, so that nothing in it leads elsewhere. */
const DEMUXERS: Readonly<Record<string, string>> = {
  mp4: "mov",
  m4v: "mov",
  mov: "mov",
  webm: "matroska",
  mkv: "matroska",
};
const MAX_VIDEO_FRAMES = 3000;
const MAX_VIDEO_BYTES = 256 * 2 ** 20;

const extensionOf = (path: string): string => /\.([^./]*)$/.exec(path)?.[1]?.toLowerCase() ?? "";
export const looksLikeVideo = (path: string): boolean => Object.hasOwn(DEMUXERS, extensionOf(path));

/** What becomes one sample: a picture, or the file or files of a clip. */
export interface Unit {
  /** Where it came from; its folder is its class. */
  readonly path: string;
  readonly files: readonly SourceFile[];
}

/** Every picture by itself. */
export const pictureUnits = (files: readonly SourceFile[]): Unit[] =>
  files.filter(({ path }) => looksLikePicture(path)).map((file) => ({ path: file.path, files: [file] }));

/**
 * Each animated picture and video is a clip; the still pictures of a folder are its frames in the order of their names, as many
 * clips of `frames` as they give. What is left over is skipped, with its reason.
 */
export function clipUnits(files: readonly SourceFile[], frames: number, skipped: Skipped[]): Unit[] {
  const isClipFile = ({ path }: SourceFile) => ANIMATION.test(path) || looksLikeVideo(path);
  const units: Unit[] = files.filter(isClipFile).map((file) => ({ path: file.path, files: [file] }));
  const folders = new Map<string, SourceFile[]>();
  for (const file of files) {
    if (isClipFile(file) || !looksLikePicture(file.path)) continue;
    const folder = file.path.split("/").slice(0, -1).join("/");
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  for (const [folder, stills] of folders) {
    const ordered = stills.toSorted((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    const count = Math.floor(ordered.length / frames);
    for (let i = 0; i < count; i++) {
      const path = count === 1 ? folder : `${folder} ${i + 1}`;
      units.push({ path, files: ordered.slice(i * frames, (i + 1) * frames) });
    }
    const reason = `${ordered.length} frames in this folder; a clip has ${frames}`;
    for (const { path } of ordered.slice(count * frames)) skipped.push({ path, reason });
  }
  return units;
}

export interface PrepareOptions {
  readonly size: number;
  readonly frames: number;
  readonly fit: Fit;
  readonly limits: IngestLimits;
  /** What the whole data set may still decode. */
  readonly pixelsLeft: number;
}

/**
 * [frames, 3, size, size] bytes of a unit whose files were read.
 * @throws Error whose message is the reason for the report
 */
export async function prepareUnit(unit: Unit, read: readonly Buffer[], options: PrepareOptions): Promise<Prepared> {
  const { size, frames, fit, limits, pixelsLeft } = options;
  const [bytes] = read;
  if (bytes === undefined) throw new Error("it has no files");
  if (looksLikeVideo(unit.path) && frames > 1) return prepareVideo(unit.path, bytes, options);
  const pages = read.length > 1 || frames === 1 ? 1 : await pagesOf(bytes, limits);
  if (read.length === 1 && pages < frames)
    throw new Error(`${pages} frame${pages === 1 ? "" : "s"}; a clip has ${frames}`);
  const planes: Buffer[] = [];
  let pixels = 0;
  for (const index of evenly(read.length > 1 ? read.length : pages, frames)) {
    const [file, page] = read.length > 1 ? [read[index] as Buffer, 0] : [bytes, index];
    const one = await preparePicture(file, size, fit, limits, pixelsLeft - pixels, page);
    planes.push(one.planes);
    pixels += one.pixels;
  }
  return { planes: Buffer.concat(planes), pixels };
}

/** `count` places out of `total`, evenly spread from the first. */
const evenly = (total: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((i * total) / count));

async function pagesOf(bytes: Buffer, limits: IngestLimits): Promise<number> {
  const { pages = 1 } = await sharp(bytes, { limitInputPixels: limits.imagePixels }).metadata();
  return pages;
}

async function prepareVideo(
  path: string,
  bytes: Buffer,
  { size, frames, fit, pixelsLeft }: PrepareOptions,
): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), "distillery-video-"));
  try {
    // A file, for many videos say only at their end how they are to be read.
    const file = join(folder, "video");
    await writeFile(file, bytes);
    const shape =
      fit === "cover"
        ? `scale=${size}:${size}:force_original_aspect_ratio=increase:flags=area,crop=${size}:${size}`
        : `scale=${size}:${size}:force_original_aspect_ratio=decrease:flags=area,pad=${size}:${size}:(ow-iw)/2:(oh-ih)/2:white`;
    const perFrame = 3 * size * size;
    const most = Math.max(frames, Math.min(MAX_VIDEO_FRAMES, Math.floor(MAX_VIDEO_BYTES / perFrame)));
    const input = ["-protocol_whitelist", "file", "-f", DEMUXERS[extensionOf(path)] ?? "mov", "-i", file];
    const output = ["-an", "-vf", shape, "-frames:v", String(most), "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"];
    const raw = await runFfmpeg([...input, ...output], null);
    const count = Math.floor(raw.length / perFrame);
    if (count < frames) throw new Error(`${count} frame${count === 1 ? "" : "s"}; a clip has ${frames}`);
    const pixels = count * size * size;
    if (pixels > pixelsLeft) throw new Error("over the limit of pixels for the whole data set");
    const planes = Buffer.alloc(frames * perFrame);
    evenly(count, frames).forEach((from, f) => {
      for (let i = 0; i < size * size; i++) {
        for (let c = 0; c < 3; c++)
          planes[f * perFrame + c * size * size + i] = raw[from * perFrame + 3 * i + c] as number;
      }
    });
    return { planes, pixels };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
