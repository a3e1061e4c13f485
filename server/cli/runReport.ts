/** Runs one request to its end, prints it as it goes, and makes its summary. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PROFILE } from "@distillery/shared/profile/profile";
import type { RunEvent } from "@distillery/shared/protocol/events";
import type { RunRecord } from "@distillery/shared/protocol/rest";
import { RunRefused, type RunRequest } from "../runs/admission";
import { summarySchema } from "../worker/protocol";
import { type Terminal, UnusableInput } from "./command";
import { issueLine } from "./graphFile";
import { profileLines } from "./profileLines";
import type { CliSession } from "./session";

export interface RunSummaryLine {
  type: "summary";
  status: string;
  runId: string;
  device: string;
  steps: number;
  seconds: number;
  stepsPerSecond: number;
  metrics: Record<string, number | null>;
  artifacts: { name: string; path: string; bytes: number }[];
  weightsSha256: string;
  error?: { message: string; node?: string | undefined };
}

/** Always there, null when the graph does not measure it. */
const STANDARD_METRICS = ["trajectoryErrorBefore", "trajectoryErrorAfter", "lossFirst", "lossLast"];

/** @throws UnusableInput when the graph or an override is no good. */
export async function runToEnd(
  { runs, store }: CliSession,
  request: RunRequest,
  file: string,
  show: (event: RunEvent, runId: string) => void,
): Promise<RunRecord> {
  let run: RunRecord | undefined;
  let seen = 0;
  const follow = () => {
    if (run === undefined) return;
    for (;;) {
      const events = runs.log.read(run.id, seen, 500);
      const last = events.at(-1);
      if (last === undefined) return;
      for (const event of events) show(event, run.id);
      seen = last.seq;
    }
  };
  const stop = runs.log.listen({ appended: follow });
  let interrupts = 0;
  const interrupt = () => {
    if (run === undefined || ++interrupts > 1) process.exit(130);
    try {
      runs.cancel(run.id);
    } catch (error) {
      // Over already: it ends by itself.
      if (!(error instanceof RunRefused)) throw error;
    }
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    run = await refused(file, () => runs.start(request));
    follow();
    await runs.finished(run.id);
    follow();
    return store.runs.get(run.id) ?? run;
  } finally {
    stop();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** @throws UnusableInput with the first error, where the work refuses the graph. */
export async function refused<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RunRefused)) throw error;
    const first = error.issues.find((issue) => issue.severity === "error");
    throw new UnusableInput(`${file}: ${first === undefined ? error.message : issueLine(first)}`);
  }
}

/** The summary; with `folder`, artifacts, the graph and the summary itself are copied there. */
export async function summarise({ store }: CliSession, run: RunRecord, folder?: string): Promise<RunSummaryLine> {
  const stored = summarySchema.safeParse(store.runs.summary(run.id));
  const result = stored.success ? stored.data : undefined;
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const artifacts = await Promise.all(
    store.runs.artifacts(run.id).map(async ({ name, bytes, hash }) => {
      const source = store.blobs.pathOf(hash);
      if (folder === undefined) return { name, path: source, bytes };
      const path = resolve(folder, name);
      await copyFile(source, path);
      return { name, path, bytes };
    }),
  );
  const summary: RunSummaryLine = {
    type: "summary",
    status: run.status,
    runId: run.id,
    device: run.device,
    steps: result?.steps ?? run.step,
    seconds: result?.seconds ?? 0,
    stepsPerSecond: result?.stepsPerSecond ?? 0,
    metrics: { ...Object.fromEntries(STANDARD_METRICS.map((name) => [name, null])), ...result?.metrics },
    artifacts,
    weightsSha256: result?.weightsSha256 ?? "",
    ...(run.error === null ? {} : { error: run.error }),
  };
  if (folder !== undefined) {
    await writeFile(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
    const graph = store.runs.detail(run.id)?.graph;
    await writeFile(join(folder, "graph.json"), `${JSON.stringify(graph, null, 2)}\n`);
  }
  return summary;
}

/** One event per line, as `{type: "event", runId, event: <its type>, seq, time, ...}`. */
export const printJson =
  ({ print }: Terminal) =>
  ({ type, ...event }: RunEvent, runId: string): void =>
    print(JSON.stringify({ ...event, type: "event", event: type, runId }));

/** What a person wants to see of a run. */
export function printText({ print }: Terminal): (event: RunEvent) => void {
  let shown = 0;
  return (event) => {
    switch (event.type) {
      case "status":
        print(event.message === undefined ? event.status : `${event.status}: ${event.message}`);
        break;
      case "compiled":
        print(`compiled in ${Math.round(event.milliseconds)} ms, ${event.steps} steps`);
        break;
      case "step": {
        if (event.step !== 1 && event.step !== event.steps && event.time - shown < 1000) break;
        shown = event.time;
        const series = Object.entries(event.series)
          .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
          .join("  ");
        print(`step ${event.step}/${event.steps}  ${event.stepsPerSecond.toFixed(1)} steps/s  ${series}`);
        break;
      }
      case "stage":
        print(`stage ${event.index + 1}/${event.count}  ${event.title}: steps ${event.begin + 1} to ${event.end}`);
        break;
      case "metric":
        if (event.name.startsWith("trajectoryError"))
          print(`step ${event.step}  ${event.name} ${event.value.toPrecision(4)}`);
        break;
      case "data":
        if (event.name === PROFILE) for (const line of profileLines(event.value)) print(line);
        break;
      case "thinned":
        print(`pictures of ${event.steps.length} steps removed to stay within the disk budget`);
        break;
      case "log":
        print(`${event.level}: ${event.message}`);
        break;
    }
  };
}
