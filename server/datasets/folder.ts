/** A folder of images on the server's own disk. Links are never followed. */
import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { IngestError, type IngestLimits, megabytes, type Skipped } from "./limits";
import { refusedPath, type Source, type SourceFile, sortedSource } from "./source";

/** @throws IngestError when `root` is not a folder or holds more files than allowed */
export async function openFolder(root: string, limits: IngestLimits): Promise<Source> {
  const files: SourceFile[] = [];
  const skipped: Skipped[] = [];
  let count = 0;

  async function walk(relative: string, depth: number): Promise<void> {
    for (const entry of await readdir(join(root, relative), { withFileTypes: true })) {
      if (++count > limits.entries) {
        throw new IngestError(`The folder holds more than ${limits.entries} files; split it into several data sets.`);
      }
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      const refused = refusedPath(path);
      if (refused) skipped.push({ path, reason: refused });
      else if (entry.isSymbolicLink()) skipped.push({ path, reason: "a link; links are not followed" });
      else if (entry.isDirectory() && depth >= limits.depth) {
        skipped.push({ path, reason: `more than ${limits.depth} folders deep` });
      } else if (entry.isDirectory()) await walk(path, depth + 1);
      else if (!entry.isFile()) skipped.push({ path, reason: "not an ordinary file" });
      else {
        const { size } = await lstat(join(root, path));
        if (size > limits.fileBytes) {
          skipped.push({ path, reason: `${megabytes(size)}; a file may have ${megabytes(limits.fileBytes)}` });
        } else files.push({ path, bytes: size, read: () => readOrdinary(join(root, path), size) });
      }
    }
  }

  const status = await lstat(root).catch(() => undefined);
  if (!status?.isDirectory()) throw new IngestError(`${root} is not a folder; give the folder that holds the images.`);
  await walk("", 1);
  return sortedSource(files, skipped, async () => {});
}

/** Reads at most `size` bytes, even when the file became a link or grew since it was listed. */
async function readOrdinary(path: string, size: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bytes = Buffer.alloc(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}
