/** The person's own ffmpeg as a child process: it reads and writes video files where it is installed, and is never shipped. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const MISSING =
  "ffmpeg is not installed here, so video files cannot be read or written; install it (Debian: apt-get install ffmpeg), " +
  "or set FFMPEG_PATH to it. Animated GIF and WebP need nothing.";
const MEGABYTE = 2 ** 20;
const TIMEOUT_MILLISECONDS = 120_000;

/** ffmpeg was asked for and is not there, or failed; the message is for people. */
export class FfmpegError extends Error {
  override readonly name = "FfmpegError";
  constructor(
    readonly kind: "missing" | "failed",
    message: string,
  ) {
    super(message);
  }
}

/** Path of the program: FFMPEG_PATH, or the first on the PATH. */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const candidates = env.FFMPEG_PATH
    ? [env.FFMPEG_PATH]
    : (env.PATH ?? "").split(delimiter).map((folder) => join(folder || ".", "ffmpeg"));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Runs it with `input` on its standard input; resolves with its standard output.
 * @throws FfmpegError when it is missing, fails, takes too long or gives more than `limit` bytes
 */
export function runFfmpeg(
  args: readonly string[],
  input: Uint8Array | null,
  { limit = 512 * MEGABYTE, env = process.env }: { limit?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Buffer> {
  const program = findFfmpeg(env);
  if (program === undefined) return Promise.reject(new FfmpegError("missing", MISSING));
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["-hide_banner", "-loglevel", "error", "-nostdin", ...args], {
      stdio: [input === null ? "ignore" : "pipe", "pipe", "pipe"],
      timeout: TIMEOUT_MILLISECONDS,
      killSignal: "SIGKILL",
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    let said = "";
    child.stdout?.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes > limit) child.kill("SIGKILL");
      else parts.push(part);
    });
    child.stderr?.on("data", (part: Buffer) => {
      said = (said + part.toString()).slice(-2000);
    });
    // It may stop reading before all was written; how it ends says what happened.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    child.on("error", (error) => reject(new FfmpegError("failed", `ffmpeg could not be started: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) return resolve(Buffer.concat(parts));
      const why = bytes > limit ? "more than it may give" : (said.trim().split("\n").at(-1) ?? "");
      reject(new FfmpegError("failed", `ffmpeg failed${why === "" ? "" : `: ${why}`}`));
    });
  });
}
