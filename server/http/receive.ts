/** Files of a multipart upload, written to a folder of our own. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Multipart } from "@fastify/multipart";
import { refusedPath } from "../datasets/source";
import { HttpProblem } from "./problems";

export const MAX_FILE_BYTES = 2 ** 30;
export const MAX_FILES = 20_000;
const MAX_TOTAL_BYTES = 2 * 2 ** 30;

export interface Received {
  /** The one zip, or the folder of files. */
  readonly source: string;
  readonly fields: Record<string, string>;
  readonly skipped: { file: string; reason: string }[];
}

/**
 * Writes every file below `folder`, at the path its name gives.
 * @throws HttpProblem for names that lead elsewhere and uploads that are too large
 */
export async function receiveFiles(parts: AsyncIterableIterator<Multipart>, folder: string): Promise<Received> {
  const fields: Record<string, string> = {};
  const zips: string[] = [];
  const skipped: Received["skipped"] = [];
  let files = 0;
  let bytes = 0;
  await mkdir(folder, { recursive: true });
  for await (const part of parts) {
    if (part.type === "field") {
      if (typeof part.value === "string") fields[part.fieldname] = part.value;
      continue;
    }
    files++;
    const isZip = /\.zip$/i.test(part.filename);
    const name = isZip ? `upload-${files}.zip` : safePath(part.filename);
    const reason = isZip ? undefined : refusedPath(name);
    if (reason !== undefined) {
      // Finder and Explorer add files of their own to every folder.
      skipped.push({ file: name, reason });
      part.file.resume();
      continue;
    }
    const path = join(folder, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      await pipeline(part.file, createWriteStream(path, { flags: "wx" }));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      if (code === "EEXIST" || code === "ENOTDIR" || code === "EISDIR")
        throw new HttpProblem(422, `Two files are called "${name}".`);
      throw error;
    }
    bytes += part.file.bytesRead;
    if (part.file.truncated || bytes > MAX_TOTAL_BYTES)
      throw new HttpProblem(
        413,
        `An upload may have ${MAX_TOTAL_BYTES / 2 ** 30} GB, a single file ${MAX_FILE_BYTES / 2 ** 30} GB.`,
      );
    if (isZip) zips.push(path);
  }
  if (files === 0) throw new HttpProblem(400, "The upload has no file.");
  if (zips.length > 0 && files > 1) throw new HttpProblem(422, "Send one zip, or single pictures; not both.");
  return { source: zips[0] ?? folder, fields, skipped };
}

/** A relative path made of plain names; anything that leads elsewhere is refused. */
function safePath(name: string): string {
  const parts = name.split(/[\\/]/).filter((part) => part !== "" && part !== ".");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these have no place in a file name
  const isBad = (part: string) => part === ".." || part.length > 200 || /[\u0000-\u001f]/.test(part);
  if (parts.length === 0 || parts.length > 16 || parts.some(isBad))
    throw new HttpProblem(422, `"${name.slice(0, 200)}" is not the name of a file inside the data set.`);
  return parts.join("/");
}
