/** A real server of our own, in its own process and folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RunEvent } from "@distillery/shared/protocol/events";
import type { RunDetail } from "@distillery/shared/protocol/rest";

const COMMAND = resolve(import.meta.dirname, "../../server/bin/distillery.mjs");

export interface BenchServer {
  readonly url: string;
  post<T>(path: string, body: unknown): Promise<T>;
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

export async function startServer(): Promise<BenchServer> {
  const home = await mkdtemp(join(tmpdir(), "distillery-bench-"));
  const child = spawn(process.execPath, [COMMAND, "serve"], {
    env: { ...process.env, PORT: "0", HOST: "127.0.0.1", DISTILLERY_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await addressOf(child);
  const call = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const reply = await fetch(url + path, init);
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  return {
    url,
    get: (path) => call(path),
    post: (path, body) =>
      call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    async stop() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const address = /http:\/\/[\d.]+:\d+/.exec(text)?.[0];
      if (address !== undefined) found(address);
    });
    child.once("exit", (code) => failed(new Error(`The server ended with ${code}: ${text}`)));
  });
}

/** The graph of a bundled template. */
export async function templateGraph(server: BenchServer, id: string): Promise<unknown> {
  const templates = await server.get<{ id: string; graph: unknown }[]>("/api/templates");
  const template = templates.find((candidate) => candidate.id === id);
  if (template === undefined) throw new Error(`There is no template ${id}.`);
  return template.graph;
}

export async function finished(server: BenchServer, id: string): Promise<RunDetail> {
  for (;;) {
    const run = await server.get<RunDetail>(`/api/runs/${id}`);
    if (["done", "failed", "cancelled"].includes(run.status)) return run;
    await new Promise((wait) => setTimeout(wait, 100));
  }
}

/** All events of a run so far, page by page. */
export async function eventsOf(server: BenchServer, id: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await server.get<RunEvent[] | { events: RunEvent[] }>(
      `/api/runs/${id}/events?after=${events.at(-1)?.seq ?? 0}`,
    );
    const more = Array.isArray(page) ? page : page.events;
    if (more.length === 0) return events;
    events.push(...more);
  }
}
