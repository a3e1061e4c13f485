/** A zip of images, read in place: nothing of it is ever unpacked to the disk. */
import { stat } from "node:fs/promises";
import { type Entry, getFileNameLowLevel, openPromise, validateFileName, type ZipFile } from "yauzl";
import { IngestError, type IngestLimits, megabytes, type Skipped } from "./limits";
import { refusedPath, type Source, type SourceFile, sortedSource } from "./source";

const ENCRYPTED = 1;
const FILE_TYPE = 0o170000;
const LINK = 0o120000;
const ORDINARY = 0o100000;

/** @throws IngestError when the file is not a zip, is damaged, or breaks a limit of the whole */
export async function openZip(path: string, limits: IngestLimits): Promise<Source> {
  const size = (await stat(path).catch(() => undefined))?.size;
  if (size === undefined) throw new IngestError(`There is no file ${path}.`);
  if (size > limits.zipBytes) {
    throw new IngestError(`The zip has ${megabytes(size)}; at most ${megabytes(limits.zipBytes)} are allowed.`);
  }
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, {
      decodeStrings: false,
      autoClose: false,
      lazyEntries: true,
      validateEntrySizes: true,
    });
    return await list(zip, limits);
  } catch (error) {
    zip?.close();
    if (error instanceof IngestError) throw error;
    throw new IngestError(`The zip cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

async function list(zip: ZipFile, limits: IngestLimits): Promise<Source> {
  if (zip.entryCount > limits.entries) {
    throw new IngestError(`The zip has ${zip.entryCount} entries; at most ${limits.entries} are allowed.`);
  }
  const files: SourceFile[] = [];
  const skipped: Skipped[] = [];
  const seen = new Set<string>();
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
    if (path.endsWith("/")) continue;
    const reason = refusedEntry(path, entry, limits) ?? (seen.has(path) ? "the same path a second time" : undefined);
    if (reason) {
      skipped.push({ path: printable(path), reason });
      continue;
    }
    seen.add(path);
    total += entry.uncompressedSize;
    if (total > limits.totalBytes) {
      throw new IngestError(`The zip unpacks to more than ${megabytes(limits.totalBytes)}; split it into several.`);
    }
    files.push({ path, bytes: entry.uncompressedSize, read: () => read(zip, entry) });
  }
  return sortedSource(files, skipped, async () => zip.close());
}

function refusedEntry(path: string, entry: Entry, limits: IngestLimits): string | undefined {
  if (validateFileName(path) !== null || /\p{Cc}/u.test(path)) return "an unsafe path";
  if (path.split("/").length > limits.depth) return `more than ${limits.depth} folders deep`;
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (type === LINK) return "a link; links are not followed";
  if (type !== 0 && type !== ORDINARY) return "not an ordinary file";
  if (entry.generalPurposeBitFlag & ENCRYPTED) return "encrypted; make the zip without a password";
  const refused = refusedPath(path);
  if (refused) return refused;
  if (entry.uncompressedSize > limits.fileBytes) {
    return `${megabytes(entry.uncompressedSize)} unpacked; a file may have ${megabytes(limits.fileBytes)}`;
  }
  if (entry.uncompressedSize > 1_000_000 && entry.uncompressedSize > limits.ratio * entry.compressedSize) {
    return `packed more than ${limits.ratio} times smaller than it is, as a zip bomb would be`;
  }
  return undefined;
}

/** The stream itself fails when it yields more than the declared size. */
async function read(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const printable = (path: string) => path.replaceAll(/\p{Cc}/gu, "?").slice(0, 300);
