/** A folder or zip of images to a data set that runs can read, with a report of everything that was left out. */
import { mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clipUnits, looksLikeVideo, pictureUnits, prepareUnit } from "./clip";
import { openFolder } from "./folder";
import { defaultLimits, IngestError, type IngestLimits, megabytes, type Skipped } from "./limits";
import { type Fit, looksLikePicture } from "./picture";
import { IMAGES_FILE, type ImageRecord, MANIFEST_FILE, type PreparedManifest } from "./prepared";
import type { Source, SourceFile } from "./source";
import { openZip } from "./zip";

export interface IngestOptions {
  /** Side of the prepared pictures in pixels, 8 to 1024. */
  size: number;
  /** Frames of a clip, 2 to 64: samples are clips [frames, 3, size, size]. Default 1: samples are pictures. */
  frames?: number;
  /** Default `cover`. */
  fit?: Fit;
  limits?: Partial<IngestLimits>;
  /** Called after each file, for a progress bar. */
  onProgress?: (done: number, of: number) => void;
}

export interface IngestReport {
  /** Number of pictures or clips taken. */
  images: number;
  /** Names of the sub-folders; empty when there are none. */
  classes: string[];
  /** Number of pictures with a caption. */
  captions: number;
  skipped: Skipped[];
}

const MAX_FRAMES = 64;

/**
 * Prepares the images (or clips) of a folder or a zip file in `target`, which must not exist yet and appears only when all is done.
 * A picture's class is its sub-folder, below any folder that holds everything; its caption the .txt file beside it.
 * @throws IngestError when nothing can be taken from the source; `target` then does not exist
 */
export async function ingestImages(source: string, target: string, options: IngestOptions): Promise<IngestReport> {
  const limits = { ...defaultLimits, ...options.limits };
  const { size, frames = 1 } = options;
  if (!Number.isInteger(frames) || frames < 1 || frames > MAX_FRAMES) {
    throw new IngestError(`The frames of a clip must be a whole number from 1 to ${MAX_FRAMES}; got ${frames}.`);
  }
  if (!Number.isInteger(size) || size < 8 || size > 1024) {
    throw new IngestError(`The image size must be a whole number from 8 to 1024; got ${size}.`);
  }
  if (await stat(target).catch(() => undefined))
    throw new IngestError(`${target} exists already; choose a new folder.`);
  const isFolder = (await stat(source).catch(() => undefined))?.isDirectory();
  const opened = isFolder ? await openFolder(source, limits) : await openZip(source, limits);
  const partial = `${target}.partial`;
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    const manifest = await prepare(opened, partial, options, limits);
    await writeFile(join(partial, MANIFEST_FILE), JSON.stringify(manifest));
    await rename(partial, target);
    const { images, classes, skipped } = manifest;
    return { images: images.length, classes, captions: images.filter((i) => i.caption !== undefined).length, skipped };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  } finally {
    await opened.close();
  }
}

async function prepare(source: Source, folder: string, options: IngestOptions, limits: IngestLimits) {
  const { size, frames = 1, fit = "cover", onProgress } = options;
  const captionFiles = new Map(source.files.filter((f) => /\.txt$/i.test(f.path)).map((f) => [stem(f.path), f]));
  const skipped = [...source.skipped];
  for (const { path } of source.files) {
    if (looksLikePicture(path) || /\.txt$/i.test(path)) continue;
    if (!looksLikeVideo(path)) skipped.push({ path, reason: "not a picture" });
    else if (frames === 1) skipped.push({ path, reason: "a video; say how many frames a clip has to take it" });
  }
  const units = frames === 1 ? pictureUnits(source.files) : clipUnits(source.files, frames, skipped);
  const classOf = classNames(units);
  const taken: (ImageRecord & { className: string | undefined })[] = [];
  const perImage = frames * 3 * size * size;
  let bytesLeft = limits.totalBytes;
  let pixelsLeft = limits.totalPixels;

  const output = await open(join(folder, IMAGES_FILE), "wx");
  try {
    for (const [done, unit] of units.entries()) {
      const { path, files } = unit;
      try {
        if (files.reduce((sum, file) => sum + file.bytes, 0) > bytesLeft)
          throw new Error(`over the limit of ${megabytes(limits.totalBytes)} for all files`);
        if ((taken.length + 1) * perImage > limits.outputBytes) {
          throw new Error(`over the limit of ${megabytes(limits.outputBytes)} for the prepared pictures`);
        }
        const read: Buffer[] = [];
        for (const file of files) read.push(await file.read());
        bytesLeft -= read.reduce((sum, bytes) => sum + bytes.length, 0);
        const { planes, pixels } = await prepareUnit(unit, read, { size, frames, fit, limits, pixelsLeft });
        pixelsLeft -= pixels;
        const caption = await captionOf(captionFiles.get(stem(path)), limits, skipped);
        await output.writeFile(planes);
        taken.push({
          path,
          classIndex: -1,
          className: classOf.get(path),
          ...(caption === undefined ? {} : { caption }),
        });
      } catch (error) {
        if (isDiskError(error)) throw error;
        skipped.push({ path, reason: reasonOf(error) });
      }
      onProgress?.(done + 1, units.length);
    }
  } finally {
    await output.close();
  }
  for (const [key, { path }] of captionFiles) {
    if (!units.some((unit) => stem(unit.path) === key)) skipped.push({ path, reason: "a caption without a picture" });
  }
  if (taken.length === 0) throw new IngestError(nothingTaken(skipped));
  const classes = [...new Set(taken.flatMap(({ className }) => className ?? []))].sort();
  const images = taken.map(({ className, ...image }) => ({
    ...image,
    classIndex: className === undefined ? -1 : classes.indexOf(className),
  }));
  const clips = frames === 1 ? {} : { frames };
  return {
    format: "distillery-images",
    version: 1,
    size,
    ...clips,
    classes,
    images,
    skipped,
  } satisfies PreparedManifest;
}

/** Path of a picture -> its class: the first folder below the one that holds everything. */
function classNames(pictures: readonly { readonly path: string }[]): Map<string, string> {
  let folders = pictures.map(({ path }) => ({ path, parts: path.split("/").slice(0, -1) }));
  for (;;) {
    const first = folders[0]?.parts[0];
    if (first === undefined || folders.some(({ parts }) => parts[0] !== first)) break;
    folders = folders.map(({ path, parts }) => ({ path, parts: parts.slice(1) }));
  }
  return new Map(folders.flatMap(({ path, parts }) => (parts[0] === undefined ? [] : [[path, parts[0]] as const])));
}

async function captionOf(file: SourceFile | undefined, limits: IngestLimits, skipped: Skipped[]) {
  if (!file) return undefined;
  try {
    if (file.bytes > limits.captionBytes) throw new Error(`a caption may have ${limits.captionBytes} bytes`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.read()).trim() || undefined;
  } catch (error) {
    const reason = error instanceof TypeError ? "the caption is not UTF-8 text" : reasonOf(error);
    skipped.push({ path: file.path, reason });
    return undefined;
  }
}

const stem = (path: string) => path.replace(/\.[^./]*$/, "");

/** A full or failing disk ends the work; a bad picture does not. */
const isDiskError = (error: unknown) =>
  error instanceof Error &&
  "code" in error &&
  ["ENOSPC", "EDQUOT", "EIO", "EROFS", "EFBIG"].includes(String(error.code));

const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!.slice(0, 200);

function nothingTaken(skipped: readonly Skipped[]): string {
  const why = skipped.slice(0, 3).map(({ path, reason }) => `${path}: ${reason}`);
  return why.length
    ? `No picture could be taken (${why.join("; ")}${skipped.length > 3 ? `; and ${skipped.length - 3} more` : ""}).`
    : "There is no picture inside; PNG, JPEG, WebP, GIF, AVIF, TIFF and SVG are taken.";
}
