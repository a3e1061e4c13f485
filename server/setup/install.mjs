/** Installs the packages of the lock file, when they are not there yet or the lock file changed since. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run, stop } from "./root.mjs";

const LOCK = join(ROOT, "package-lock.json");
const INSTALLED = join(ROOT, "node_modules", ".package-lock.json");
const MARKER = join(ROOT, "node_modules", ".distillery-lock");

const lockHash = () => createHash("sha256").update(readFileSync(LOCK)).digest("hex");

function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  if (existsSync(MARKER) && readFileSync(MARKER, "utf8") === lockHash()) return true;
  // Installed by hand: npm writes its own lock file last.
  return statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs;
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 20))
    stop(`Distillery needs Node 20.20 or newer; this is ${process.version}. Get it from https://nodejs.org.`);
}

export async function ensureInstalled() {
  checkNode();
  if (!isInstalled()) {
    process.stderr.write("Installing packages (once, about a minute) ...\n");
    const npm = process.env.npm_execpath;
    const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    const status =
      npm === undefined
        ? await run("npm", args, { shell: process.platform === "win32" })
        : await run(process.execPath, [npm, ...args]);
    if (status !== 0) stop("The packages could not be installed; npm says why above.");
  }
  if (!existsSync(MARKER) || readFileSync(MARKER, "utf8") !== lockHash()) writeFileSync(MARKER, lockHash());
}
