/** A forked process that computes, and speaks in messages of one schema. */
import { type ChildProcess, fork, type Serializable } from "node:child_process";
import { writeFile } from "node:fs/promises";
import type { z } from "zod";

export interface WorkerEvents<Received> {
  message(message: Received): void;
  /** The process is gone; `reason` says how, `errors` is the end of what it wrote to stderr. */
  exit(reason: string, errors: string): void;
}

/** Kept of a worker's stderr. */
const STDERR_BYTES = 8192;

export class WorkerProcess<Sent extends Serializable, Received> {
  private readonly child: ChildProcess;
  private errors = "";
  private ended = false;

  constructor(
    file: string,
    env: Readonly<Record<string, string | undefined>>,
    schema: z.ZodType<Received>,
    events: WorkerEvents<Received>,
  ) {
    this.child = fork(file, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      env: { ...env },
      execArgv: [],
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.errors = (this.errors + text).slice(-STDERR_BYTES);
    });
    this.child.on("message", (raw) => {
      const parsed = schema.safeParse(raw);
      if (parsed.success) events.message(parsed.data);
      else this.kill();
    });
    const end = (reason: string) => {
      if (this.ended) return;
      this.ended = true;
      events.exit(reason, this.errors.trim());
    };
    this.child.on("error", (error) => end(error.message));
    this.child.on("exit", (code, signal) => end(signal === null ? `exit status ${code}` : `signal ${signal}`));
    if (process.platform === "linux" && this.child.pid !== undefined) {
      // When memory runs out, this process is the one to end, not the server.
      writeFile(`/proc/${this.child.pid}/oom_score_adj`, "800").catch(() => undefined);
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: Sent): void {
    if (!this.child.connected) return;
    // A worker that died meanwhile is reported by its exit.
    this.child.send(message, () => undefined);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
