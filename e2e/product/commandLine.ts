/** The `distillery` command, run to its end. */
import { spawn } from "node:child_process";
import { COMMAND_LINE, ROOT, requireBuilt } from "./installation";

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export function distillery(args: readonly string[], home: string): Promise<Ended> {
  requireBuilt();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND_LINE, ...args], {
      cwd: ROOT,
      env: { ...process.env, DISTILLERY_HOME: home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** The lines of `--json`. @throws Error when one is not JSON. */
export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
