/** One run while it is looked after: its process, its status, and what to do when something ends. */
import { readFile, rm } from "node:fs/promises";
import { type EventBody, isFinal, type RunStatus } from "@distillery/shared/protocol/events";
import type { RunDetail } from "@distillery/shared/protocol/rest";
import type { Tap } from "@distillery/shared/run/job";
import { StorageError } from "../store/database";
import {
  type FromWorker,
  fromWorkerSchema,
  type Payload,
  type StartMessage,
  type ToWorker,
  type WorkerSummary,
} from "../worker/protocol";
import { keepCheckpoint, keepResults } from "./results";
import type { RunServices } from "./services";
import { WorkerProcess } from "./workerProcess";

/** A run whose process dies is continued from its last checkpoint this often. */
const MAX_RESTARTS = 3;

export class ActiveRun {
  status: RunStatus;
  /** Of the step told last. */
  stepsPerSecond: number | null = null;
  private worker: WorkerProcess<ToWorker, FromWorker> | undefined;
  private restarts = 0;
  private cancelling = false;
  private suspending = false;
  private failure: string | undefined;
  private wantsPause = false;
  private wantedProfile = 0;
  private summary: WorkerSummary | undefined;
  private timers = new Set<NodeJS.Timeout>();
  private watchdog: NodeJS.Timeout | undefined;
  /** Checkpoints and artifacts are stored one after another, and before the run ends. */
  private chain: Promise<void> = Promise.resolve();
  private taps: readonly Tap[] = [];

  constructor(
    readonly run: RunDetail,
    private readonly services: RunServices,
    /** Called when the run is over, and when it waits and others may have the device. */
    private readonly on: { ended(): void; deviceFree(): void },
  ) {
    this.status = run.status;
  }

  get id(): string {
    return this.run.id;
  }

  /** Process number of the worker, for tests and `doctor`. */
  get pid(): number | undefined {
    return this.worker?.pid;
  }

  /** Starts the process, continuing from the last checkpoint where there is one. */
  launch(): void {
    if (this.worker !== undefined || isFinal(this.status)) return;
    this.wantsPause = false;
    this.setStatus("starting", undefined, { startedAt: this.run.startedAt ?? Date.now() });
    this.spawn();
  }

  pause(): boolean {
    if (this.status !== "running" && this.status !== "starting") return false;
    this.wantsPause = true;
    this.worker?.send({ type: "pause" });
    return true;
  }

  /** The device is this run's again. */
  resume(): void {
    this.wantsPause = false;
    if (this.worker === undefined) {
      this.launch();
      return;
    }
    this.worker.send({ type: "resume" });
    this.setStatus("running");
  }

  cancel(): void {
    if (this.cancelling || isFinal(this.status)) return;
    this.cancelling = true;
    if (this.worker === undefined) {
      this.end("cancelled");
      return;
    }
    this.setStatus("cancelling");
    this.stopWorker();
  }

  /** Ends the process but not the run: it goes on when the server is back. */
  async suspend(): Promise<void> {
    if (this.worker === undefined) return;
    this.suspending = true;
    const gone = new Promise<void>((resolve) => this.onGone.push(resolve));
    this.stopWorker();
    await gone;
  }
  private readonly onGone: (() => void)[] = [];

  /** Ends the run because something of the server's own failed (a full disk). */
  fail(message: string): void {
    if (isFinal(this.status)) return;
    this.failure ??= message;
    if (this.worker === undefined) this.end("failed");
    else this.worker.kill();
  }

  setTaps(taps: readonly Tap[]): void {
    this.taps = taps;
    this.worker?.send({ type: "taps", taps: [...taps] });
  }

  /** Has the next `steps` steps measured; of a run that has not begun its first ones. */
  profile(steps: number): void {
    if (this.isStarted) this.worker?.send({ type: "profile", steps });
    else this.wantedProfile = steps;
  }
  private isStarted = false;

  private stopWorker(): void {
    this.worker?.send({ type: "cancel" });
    this.after(this.services.cancelGrace, () => this.worker?.kill());
  }

  private spawn(): void {
    this.summary = undefined;
    const worker = new WorkerProcess<ToWorker, FromWorker>(
      this.services.workerFile,
      this.services.workerEnv(this.run.device),
      fromWorkerSchema,
      {
        message: (message) => {
          if (this.worker === worker) this.take(message);
        },
        exit: (reason, errors) => {
          if (this.worker !== worker) return;
          clearTimeout(this.watchdog);
          // Contents that arrived before the end are stored first.
          this.chain = this.chain.then(() => this.workerEnded(reason, errors));
        },
      },
    );
    this.worker = worker;
    this.watch();
  }

  private take(message: FromWorker): void {
    this.watch();
    const { log, frames } = this.services;
    switch (message.type) {
      case "ready":
        this.worker?.send(this.startMessage());
        this.isStarted = true;
        if (this.wantedProfile > 0) this.worker?.send({ type: "profile", steps: this.wantedProfile });
        this.wantedProfile = 0;
        if (this.wantsPause) this.worker?.send({ type: "pause" });
        if (this.cancelling) this.worker?.send({ type: "cancel" });
        break;
      case "heartbeat":
        break;
      case "paused":
        if (!this.wantsPause || this.cancelling) break;
        this.setStatus("paused");
        this.on.deviceFree();
        break;
      case "events":
        this.takeEvents(message.events);
        break;
      case "frame":
        frames(
          this.id,
          message.info,
          message.image && message.values && { image: message.image, values: message.values },
        );
        this.worker?.send({ type: "credit", frames: 1 });
        break;
      case "checkpoint":
        this.enqueue(async () => {
          const body = await keepCheckpoint(
            this.services.store,
            this.id,
            message.step,
            await contents(message.payload),
          );
          log.append(this.id, [body]);
        });
        break;
      case "artifact":
        this.enqueue(async () => {
          const { name, mime, payload } = message;
          log.append(this.id, [await keepResults(this.services.store, this.id, name, mime, await contents(payload))]);
        });
        break;
      case "summary":
        this.enqueue(async () => {
          await this.services.beforeEnd(this.id, message.summary);
          this.summary = message.summary;
          this.worker?.kill();
        });
        break;
    }
  }

  private takeEvents(events: EventBody[]): void {
    if (this.status === "starting") this.setStatus("running");
    const change: Parameters<RunServices["log"]["append"]>[2] = {};
    for (const event of events) {
      if (event.type === "step") {
        change.step = event.step;
        change.steps = event.steps;
        this.stepsPerSecond = event.stepsPerSecond;
      } else if (event.type === "compiled") change.steps = event.steps;
    }
    this.services.log.append(this.id, events, change);
  }

  private enqueue(work: () => Promise<void>): void {
    this.chain = this.chain.then(work).catch((error: unknown) => {
      this.fail(error instanceof StorageError ? error.message : `The run's results could not be stored: ${error}`);
    });
  }

  private workerEnded(reason: string, errors: string): void {
    this.worker = undefined;
    for (const resolve of this.onGone.splice(0)) resolve();
    if (this.suspending) return;
    const over =
      this.failure === undefined ? (this.summary?.status ?? (this.cancelling ? "cancelled" : undefined)) : "failed";
    if (over !== undefined) {
      this.end(over);
      return;
    }
    const said = errors === "" ? "" : ` It wrote: ${lastLine(errors)}`;
    if (this.restarts >= MAX_RESTARTS) {
      this.failure = `The worker process ended ${this.restarts + 1} times (${reason}).${said}`;
      this.end("failed");
      return;
    }
    this.restarts++;
    const from = this.services.store.runs.checkpoints(this.id)[0];
    const message =
      `The worker process ended unexpectedly (${reason}); restart ${this.restarts} of ${MAX_RESTARTS}, ` +
      `${from === undefined ? "from the beginning" : `from the checkpoint at step ${from.step}`}.${said}`;
    this.services.log.append(this.id, [{ type: "log", level: "warning", message }]);
    this.setStatus("starting", "restarting the worker process");
    this.spawn();
  }

  private end(status: "done" | "failed" | "cancelled"): void {
    for (const timer of this.timers) clearTimeout(timer);
    clearTimeout(this.watchdog);
    const message = this.failure ?? this.summary?.error?.message;
    const node = this.failure === undefined ? this.summary?.error?.node : undefined;
    const error =
      status === "failed" ? { message: message ?? "The run failed.", ...(node === undefined ? {} : { node }) } : null;
    const { summary } = this;
    this.setStatus(
      status,
      error?.message,
      {
        finishedAt: Date.now(),
        error,
        ...(summary === undefined ? {} : { metrics: summary.metrics, step: summary.steps || this.run.step }),
      },
      node,
    );
    this.services.log.finish(this.id);
    this.on.ended();
  }

  private setStatus(
    status: RunStatus,
    message?: string,
    change: Parameters<RunServices["log"]["append"]>[2] = {},
    node?: string,
  ): void {
    this.status = status;
    const body: EventBody = {
      type: "status",
      status,
      ...(message === undefined ? {} : { message }),
      ...(node === undefined ? {} : { node }),
    };
    this.services.log.append(this.id, [body], { ...change, status });
    this.services.log.flush();
  }

  private startMessage(): StartMessage {
    const { store, registry, temporaryFolder } = this.services;
    const hash = store.runs.checkpoints(this.id)[0]?.hash ?? store.runs.sourceCheckpoint(this.id);
    return {
      type: "start",
      runId: this.id,
      document: this.run.graph,
      device: this.run.device,
      ...(this.run.overrides.steps === undefined ? {} : { steps: this.run.overrides.steps }),
      ...(hash === null || hash === undefined ? {} : { checkpointFile: store.blobs.pathOf(hash) }),
      temporaryFolder,
      taps: [...this.taps],
      ...registry(this.run.graph),
    };
  }

  /** A process that says nothing for long is stuck: it is ended, and the run continues from its last checkpoint. */
  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.worker?.kill(), this.services.silenceLimit);
  }

  private after(milliseconds: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, milliseconds);
    this.timers.add(timer);
  }
}

async function contents(payload: Payload): Promise<Uint8Array> {
  if ("bytes" in payload) return payload.bytes;
  const bytes = await readFile(payload.file);
  await rm(payload.file, { force: true });
  return bytes;
}

const lastLine = (text: string): string => text.split("\n").findLast((line) => line.trim() !== "") ?? "";
