/** Where the built product lies. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const SERVER = join(ROOT, "server", "dist", "main.js");
/** What `distillery` runs once everything is built. */
export const COMMAND_LINE = join(ROOT, "server", "dist", "cli.js");

/** @throws Error when there is nothing to test yet. */
export function requireBuilt(): void {
  for (const file of [SERVER, COMMAND_LINE, join(ROOT, "client", "dist", "index.html")])
    if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build" first.`);
}
