/** Where this installation keeps its parts. Works from the sources (tests) and from the build in `server/dist`. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest)) {
      const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));
      if (typeof parsed === "object" && parsed !== null && "workspaces" in parsed) return folder;
    }
    if (dirname(folder) === folder) throw new Error(`No Distillery installation found above ${start}.`);
  }
}

/** The folder that holds client/, server/, nodes/ and shared/. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));
export const NODES_FOLDER = join(ROOT, "nodes");
export const CLIENT_FOLDER = join(ROOT, "client", "dist");
/** The process that runs one graph; always the built file, because it is started by plain `node`. */
export const WORKER_FILE = join(ROOT, "server", "dist", "worker.js");
/** The process that restyles pictures. */
export const PLAYGROUND_FILE = join(ROOT, "server", "dist", "playground.js");
/** The thread that checks one large graph. */
export const VALIDATION_FILE = join(ROOT, "server", "dist", "validation.js");
export const MODEL_PROBE_FILE = join(ROOT, "server", "dist", "probe.js");
