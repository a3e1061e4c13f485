/** Where files come from: a folder or a zip, listed first and read one at a time. */
import type { Skipped } from "./limits";

export interface SourceFile {
  /** Relative, with "/" between its parts; only a label, never used to open or write anything. */
  path: string;
  /** Unpacked size as declared; `read` refuses to give more. */
  bytes: number;
  read(): Promise<Buffer>;
}

export interface Source {
  /** Sorted by path, so that the same files make the same data set wherever they come from. */
  files: SourceFile[];
  skipped: Skipped[];
  close(): Promise<void>;
}

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

export const sortedSource = (files: SourceFile[], skipped: Skipped[], close: () => Promise<void>): Source => ({
  files: files.sort(byPath),
  skipped,
  close,
});

/** Why a path cannot be a picture that the sender meant, or undefined. */
export function refusedPath(path: string): string | undefined {
  const parts = path.split("/");
  if (parts.includes("__MACOSX") || parts.some((part) => part.startsWith("."))) return "a hidden file";
  if (/\.(zip|7z|rar|tar|gz|tgz|bz2|xz|zst|jar)$/i.test(path)) return "an archive inside; unpack it first";
  return undefined;
}
