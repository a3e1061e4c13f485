/** Finds a Chromium for the browser tests, or installs Debian's when this may be done. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./root.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function findChromium() {
  const own = process.env.CHROMIUM_PATH;
  if (own) return isExecutable(own) ? own : undefined;
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES];
  return candidates.find(isExecutable);
}

/** Path of a Chromium, or a message that says what to do. */
export async function ensureChromium() {
  const found = findChromium();
  if (found !== undefined) return { path: found };
  if (process.env.CHROMIUM_PATH) return { message: `CHROMIUM_PATH=${process.env.CHROMIUM_PATH} is not a program.` };
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync("/etc/debian_version") && spawnSync("apt-get", ["--version"]).status === 0) {
    process.stderr.write("Installing Chromium for the browser tests (apt-get install chromium) ...\n");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const options = { env, stdio: ["ignore", "ignore", "inherit"] };
    await run("apt-get", ["update", "-qq"], options);
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], options);
    const installed = findChromium();
    if (installed !== undefined) return { path: installed };
  }
  return {
    message:
      "The browser tests need Chromium, and none was found. Install it (Debian and Ubuntu: sudo apt-get install chromium; " +
      "elsewhere Google Chrome is as good), or set CHROMIUM_PATH to the program.",
  };
}
