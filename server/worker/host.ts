/** The process that runs one graph: takes its job from the server, reports everything back, and ends. */
import { readFileSync } from "node:fs";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import type { Device } from "@distillery/shared/protocol/events";
import type { RunEnvironment, RunJob, RunSummary } from "@distillery/shared/run/job";
import type { Runtime } from "@distillery/shared/run/runtime";
import { shapeOracle } from "../onnx/shapeOracle";
import { createResources } from "../resources";
import { WorkerControl } from "./control";
import { type FromWorker, type StartMessage, toWorkerSchema } from "./protocol";
import { messageOf, WorkerSink } from "./sink";

export interface WorkerParts {
  readonly library: NodeLibrary;
  createRuntime(device: Device): Promise<Runtime>;
  execute(job: RunJob, environment: RunEnvironment): Promise<RunSummary>;
}

const HEARTBEAT_MILLISECONDS = 2000;

/** Serves one run over the IPC channel of this process. */
export function serveRun(parts: WorkerParts): void {
  const post = (message: FromWorker): void => {
    process.send?.(message);
  };
  let sink: WorkerSink | undefined;
  const control = new WorkerControl(() => {
    // Whoever is told of the pause knows every step before it.
    sink?.flushEvents();
    post({ type: "paused" });
  });

  process.on("message", (raw) => {
    const message = toWorkerSchema.parse(raw);
    switch (message.type) {
      case "start":
        control.taps = message.taps;
        sink = new WorkerSink(post, message.temporaryFolder);
        void runJob(message, parts, control, sink, post);
        break;
      case "pause":
        control.pause();
        break;
      case "resume":
        control.resume();
        break;
      case "cancel":
        control.cancel();
        break;
      case "profile":
        control.profile(message.steps);
        break;
      case "taps":
        control.taps = message.taps;
        break;
      case "credit":
        sink?.frames.grant(message.frames);
        break;
    }
  });
  // Without its server nobody would ever see the results.
  process.on("disconnect", () => process.exit(0));
  // The terminal sends Ctrl-C to the whole group; the server decides what becomes of the run.
  process.on("SIGINT", () => {});
  setInterval(() => post({ type: "heartbeat" }), HEARTBEAT_MILLISECONDS).unref();
  post({ type: "ready" });
}

async function runJob(
  start: StartMessage,
  parts: WorkerParts,
  control: WorkerControl,
  sink: WorkerSink,
  post: (message: FromWorker) => void,
): Promise<void> {
  let summary: RunSummary;
  let threads = 0;
  try {
    const runtime = await parts.createRuntime(start.device);
    threads = runtime.threads;
    const resources = createResources(start);
    summary = await parts.execute(jobOf(start), {
      library: parts.library,
      resources,
      imports: new ModelImports((id) => resources.bytes(`model:${id}`), shapeOracle),
      runtime,
      sink,
      control,
      now: () => performance.now(),
      memory: () => process.memoryUsage.rss(),
    });
  } catch (error) {
    if (error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
    summary = {
      status: "failed",
      steps: 0,
      seconds: 0,
      stepsPerSecond: 0,
      metrics: {},
      weightsSha256: "",
      error: { message: messageOf(error), ...nodeOf(error) },
    };
  }
  await sink.flush();
  post({ type: "summary", summary: { ...summary, metrics: { ...summary.metrics } }, threads });
}

const jobOf = (start: StartMessage): RunJob => ({
  runId: start.runId,
  document: start.document,
  ...(start.steps === undefined ? {} : { steps: start.steps }),
  ...(start.checkpointFile === undefined ? {} : { checkpoint: new Uint8Array(readFileSync(start.checkpointFile)) }),
});

function nodeOf(error: unknown): { node?: string } {
  if (typeof error !== "object" || error === null) return {};
  if ("node" in error && typeof error.node === "string") return { node: error.node };
  if ("issues" in error && Array.isArray(error.issues)) return nodeOf(error.issues[0]);
  return {};
}
