/** Paths and processes for the set-up scripts. They run before anything is installed: only Node's own modules. */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Runs a program; resolves with its exit status (1 when a signal ended it). */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", ...options });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs the command of an installed package, e.g. `vite`. */
export const runBin = (name, args, options) =>
  run(join(ROOT, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name), args, {
    shell: process.platform === "win32",
    ...options,
  });

/** Ends with one clear line. */
export function stop(message, status = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}
