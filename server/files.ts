import { readFile } from "node:fs/promises";

/** A file as a plain byte array: unlike Buffer's, its `slice` copies, as code for the browser expects. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
