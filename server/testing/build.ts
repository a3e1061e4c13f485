/** Before all tests, once: runs, threads and commands use the built server in tests, too. Nothing where it is up to date. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../paths";

export default async (): Promise<void> => {
  await promisify(execFile)(process.execPath, [join(ROOT, "server", "setup", "build.mjs"), "server"], { cwd: ROOT });
};
