/** Content-addressed files: `blobs/ab/cdef...`. A blob is complete or absent, never half written. */
import { createHash } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readBytes, writeBytes } from "../files";
import { explainStorage } from "./database";

const HASH = /^[0-9a-f]{64}$/;

export class BlobStore {
  constructor(private readonly folder: string) {}

  /** Path of a blob; the hash is checked, so no other path can come out. */
  pathOf(hash: string): string {
    if (!HASH.test(hash)) throw new Error(`"${hash}" is not a blob hash.`);
    return join(this.folder, hash.slice(0, 2), hash.slice(2));
  }

  /** Stores bytes and returns their SHA-256 in hex. */
  async put(bytes: Uint8Array): Promise<string> {
    const hash = createHash("sha256").update(bytes).digest("hex");
    const target = this.pathOf(hash);
    if (await exists(target)) return hash;
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeBytes(target, bytes);
    } catch (error) {
      throw explainStorage(error, this.folder);
    }
    return hash;
  }

  read(hash: string): Promise<Uint8Array> {
    return readBytes(this.pathOf(hash));
  }

  stream(hash: string): ReadStream {
    return createReadStream(this.pathOf(hash));
  }

  async remove(hash: string): Promise<void> {
    await rm(this.pathOf(hash), { force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
