/** The built server as a process of its own, with a home of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { ROOT, requireBuilt, SERVER } from "./installation";

const START_LIMIT = 20_000;

export class ProductServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
    readonly home: string,
    readonly port: number,
  ) {}

  /** Starts a server on `home`; port 0 takes a free one. */
  static async start(home: string, { port = 0, env = {} }: { port?: number; env?: NodeJS.ProcessEnv } = {}) {
    requireBuilt();
    const child = spawn(process.execPath, [SERVER], {
      cwd: ROOT,
      env: { ...process.env, HOST: "127.0.0.1", ...env, PORT: String(port), DISTILLERY_HOME: home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const address = await new Promise<string>((resolve, reject) => {
      let said = "";
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`The server did not say its address within ${START_LIMIT / 1000} s: ${said}`));
      }, START_LIMIT);
      const listen = (text: Buffer) => {
        said += text.toString();
        const found = /Distillery is at (http:\/\/[^\s/]+)/.exec(said)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      child.stdout?.on("data", listen);
      child.stderr?.on("data", listen);
      child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`The server ended with status ${code}: ${said}`));
      });
    });
    return new ProductServer(child, address, home, Number(new URL(address).port));
  }

  /** Asks the server to stop, as Ctrl+C does; resolves with its exit status. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.child.once("exit", (code) => resolve(code)));
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    const status = await ended;
    clearTimeout(timer);
    return status;
  }

  /** Process numbers of the workers that this server runs (Linux). */
  workers(): number[] {
    const own = String(this.child.pid);
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const parent = /\)\s\S\s(\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
          return parent === own && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("worker.js");
        } catch {
          // It ended while we looked.
          return false;
        }
      })
      .map(Number);
  }
}
