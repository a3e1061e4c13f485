/** All runs of this server: starting, stopping, continuing. */
import { join } from "node:path";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { isFinal, type RunStatus } from "@distillery/shared/protocol/events";
import type { QueueEntry, RunRecord } from "@distillery/shared/protocol/rest";
import type { Batch } from "@distillery/shared/run/batch";
import type { Tap } from "@distillery/shared/run/job";
import { bundledFiles } from "../bundled";
import { VALIDATION_FILE } from "../paths";
import { createResources } from "../resources";
import type { Store } from "../store/store";
import type { GraphCheck } from "../validation/check";
import { Validator } from "../validation/validator";
import { ActiveRun } from "./activeRun";
import { Admission, type AdmittedRun, RunRefused, type RunRequest } from "./admission";
import { deviceEnvironment } from "./deviceEnvironment";
import { DeviceQueue, type RunQueue } from "./deviceQueue";
import { EventLog } from "./eventLog";
import { isOwnerAlive, type Origin, originOf, ownerTag } from "./owner";
import { keepResults, resultsOf } from "./results";
import type { RunServices } from "./services";
import { trajectorySheet } from "./sheet";

export interface ManagerOptions {
  readonly store: Store;
  readonly library: NodeLibrary;
  readonly workerFile: string;
  readonly origin: Origin;
  readonly cancelGrace?: number;
  readonly silenceLimit?: number;
  readonly queue?: RunQueue;
}

export class RunManager {
  readonly log: EventLog;
  private readonly active = new Map<string, ActiveRun>();
  private readonly queue: RunQueue;
  private readonly validator: Validator;
  private readonly admission: Admission;
  private readonly owner: string;
  private readonly services: RunServices;
  private readonly waiters = new Map<string, (() => void)[]>();
  private closing = false;

  constructor(private readonly options: ManagerOptions) {
    const { store } = options;
    this.log = new EventLog(store);
    this.validator = new Validator(options.library, VALIDATION_FILE);
    this.admission = new Admission(options.library, (graph) => this.validate(graph));
    this.queue = options.queue ?? new DeviceQueue();
    this.owner = ownerTag(options.origin);
    this.services = {
      store,
      log: this.log,
      workerFile: options.workerFile,
      temporaryFolder: join(store.home, "tmp"),
      cancelGrace: options.cancelGrace ?? 10_000,
      silenceLimit: options.silenceLimit ?? 600_000,
      frames: (id, info, bytes) => this.log.appendFrame(id, info, bytes),
      workerEnv: deviceEnvironment,
      registry: (graph) => this.filesOf(graph),
      beforeEnd: async (id, summary) => {
        store.runs.setSummary(id, summary);
        await this.finishArtifacts(id);
      },
    };
    this.log.listen({
      failed: (id, error) => this.active.get(id)?.fail(error instanceof Error ? error.message : String(error)),
    });
  }

  /** Files and metadata that graphs may refer to. */
  resources() {
    return createResources(this.registry());
  }

  /** The same for another process, and the results of runs that the graph names. */
  filesOf(graph: GraphDocument) {
    return { ...this.registry(), results: resultsOf(graph, this.options.store) };
  }

  validate(graph: unknown): Promise<GraphCheck> {
    const { datasets, models } = this.registry();
    return this.validator.check(graph, {
      datasets,
      models: models.map(({ file: _, ...model }) => model),
    });
  }

  /**
   * Queues a run of a graph with its overrides applied.
   * @throws RunRefused when the graph, an override or the checkpoint to start from is no good.
   */
  async start(request: RunRequest): Promise<RunRecord> {
    return this.queueUp(await this.admission.admit(request));
  }

  /** The runs of a batch, none of them queued. */
  check(request: RunRequest, batch: Batch): Promise<AdmittedRun[]> {
    return this.admission.admitAll(request, batch);
  }

  /** Queues every run of a batch, or none of them. */
  async startBatch(request: RunRequest, batch: Batch): Promise<RunRecord[]> {
    const admitted = await this.check(request, batch);
    return admitted.map((run) => this.queueUp(run));
  }

  private queueUp({ record, document, overrides, checkpoint, profile }: AdmittedRun): RunRecord {
    const { store } = this.options;
    const sourceCheckpoint = checkpoint ?? this.sourceCheckpoint(overrides.from);
    store.runs.create({
      record,
      document,
      overrides,
      owner: this.owner,
      sourceCheckpoint,
    });
    this.log.append(record.id, [{ type: "status", status: "queued" }]);
    this.log.flush();
    const run = this.activate({ ...record, graph: document, overrides });
    if (profile !== undefined) run.profile(profile);
    this.enqueue(run);
    return this.get(record.id) ?? record;
  }

  get(id: string): RunRecord | undefined {
    return this.options.store.runs.get(id);
  }

  /** Asks a running graph to wait between two steps; its device is free for others meanwhile. */
  pause(id: string): RunRecord {
    const run = this.require(id);
    if (run.status !== "paused" && !run.pause())
      throw new RunRefused(`Run ${id} is ${run.status}; only a running one can be paused.`, "conflict");
    return this.record(id);
  }

  resume(id: string): RunRecord {
    const run = this.require(id);
    if (run.status !== "paused") throw new RunRefused(`Run ${id} is ${run.status}, not paused.`, "conflict");
    // It has its old rank, before all that came after it.
    this.queue.enter(id, run.run.device, this.options.store.runs.rank(id), () => run.resume());
    return this.record(id);
  }

  /** Runs that compute, wait or are paused, in the order in which they get their device. */
  queued(): QueueEntry[] {
    this.log.flush();
    const place = new Map(this.queue.waiting().map(({ id }, index) => [id, index]));
    const placeOf = ({ id, status }: RunRecord): number =>
      place.get(id) ?? (status === "paused" ? Number.MAX_VALUE : -1);
    return this.options.store.runs
      .unfinished()
      .map(({ record }) => ({ ...record, stepsPerSecond: this.active.get(record.id)?.stepsPerSecond ?? null }))
      .sort((a, b) => placeOf(a) - placeOf(b));
  }

  /** Lets the runs of `order` that still wait go first, in this order; the others keep theirs behind them. */
  reorder(order: readonly string[]): void {
    const waiting = this.queue.waiting();
    const known = new Set(waiting.map(({ id }) => id));
    const next = new Set([...order.filter((id) => known.has(id)), ...known]);
    const places = waiting.map(({ rank }) => rank).sort((a, b) => a - b);
    const ranks = new Map([...next].map((id, index) => [id, places[index] ?? 0]));
    this.options.store.runs.setRanks(ranks);
    this.queue.rerank(ranks);
  }

  /** Deletes a run that is over, with everything it left behind. */
  async remove(id: string): Promise<void> {
    const { store } = this.options;
    const status = this.get(id)?.status;
    if (status === undefined) throw new RunRefused(`There is no run ${id}.`, "missing");
    if (!isFinal(status)) throw new RunRefused(`Run ${id} is ${status}; cancel it first.`, "conflict");
    const blobs = store.runs.remove(id);
    store.frames.remove(id);
    for (const hash of blobs) await store.blobs.remove(hash);
  }

  cancel(id: string): RunRecord {
    this.require(id).cancel();
    return this.record(id);
  }

  /** Has the next steps of a run measured; the result is an event of it. */
  profile(id: string, steps: number): RunRecord {
    this.require(id).profile(steps);
    return this.record(id);
  }

  setTaps(id: string, taps: readonly Tap[]): void {
    this.active.get(id)?.setTaps(taps);
  }

  /** Process that computes a run at present. */
  workerPid(id: string): number | undefined {
    return this.active.get(id)?.pid;
  }

  counts(): { running: number; queued: number } {
    return this.queue.counts();
  }

  /** Whether this process looks after a run. */
  isActive(id: string): boolean {
    return this.active.has(id);
  }

  /** Resolves with the record when the run is over. */
  async finished(id: string): Promise<RunRecord> {
    if (this.active.has(id))
      await new Promise<void>((resolve) => this.waiters.set(id, [...(this.waiters.get(id) ?? []), resolve]));
    return this.record(id);
  }

  /** Takes over the runs that a server before this one did not finish. */
  recover(): void {
    const { store } = this.options;
    for (const { record, owner } of store.runs.unfinished()) {
      if (this.active.has(record.id) || isOwnerAlive(owner)) continue;
      const detail = store.runs.detail(record.id);
      if (detail === undefined) continue;
      store.runs.adopt(record.id, this.owner);
      if (originOf(owner) === "cli") {
        const message = "The command that ran this graph was ended.";
        const body = { type: "status", status: "failed", message } as const;
        this.log.append(record.id, [body], { status: "failed", finishedAt: Date.now(), error: { message } });
        this.log.finish(record.id);
        continue;
      }
      if (record.status === "cancelling") {
        this.log.append(record.id, [{ type: "status", status: "cancelled" }], {
          status: "cancelled",
          finishedAt: Date.now(),
        });
        this.log.finish(record.id);
        continue;
      }
      const run = this.activate(detail);
      if (record.status === "paused") continue;
      const from = store.runs.checkpoints(record.id)[0];
      if (record.status !== "queued")
        this.log.append(record.id, [
          {
            type: "log",
            level: "warning",
            message: `The server was restarted; continuing ${from === undefined ? "from the beginning" : `from the checkpoint at step ${from.step}`}.`,
          },
        ]);
      this.log.append(record.id, [{ type: "status", status: "queued" }], { status: "queued" });
      run.status = "queued";
      this.enqueue(run);
    }
    this.log.flush();
  }

  /** Puts running graphs aside (their next start continues them) and writes everything down. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.active.values()].map((run) => run.suspend()));
    this.log.close();
  }

  private enqueue(run: ActiveRun): void {
    this.queue.enter(run.id, run.run.device, this.options.store.runs.rank(run.id), () => {
      if (!this.closing) run.launch();
    });
  }

  private activate(detail: ConstructorParameters<typeof ActiveRun>[0]): ActiveRun {
    const run = new ActiveRun(detail, this.services, {
      deviceFree: () => this.queue.leave(detail.id),
      ended: () => {
        this.active.delete(detail.id);
        this.queue.leave(detail.id);
        for (const resolve of this.waiters.get(detail.id) ?? []) resolve();
        this.waiters.delete(detail.id);
      },
    });
    this.active.set(detail.id, run);
    return run;
  }

  private require(id: string): ActiveRun {
    const run = this.active.get(id);
    if (run !== undefined) return run;
    const status: RunStatus | undefined = this.get(id)?.status;
    if (status === undefined) throw new RunRefused(`There is no run ${id}.`, "missing");
    const where = isFinal(status) ? `is already ${status}` : "belongs to another process";
    throw new RunRefused(`Run ${id} ${where}.`, "conflict");
  }

  private record(id: string): RunRecord {
    this.log.flush();
    const record = this.get(id);
    if (record === undefined) throw new RunRefused(`There is no run ${id}.`, "missing");
    return record;
  }

  private sourceCheckpoint(from: string | undefined): string | null {
    if (from === undefined) return null;
    if (this.get(from) === undefined) throw new RunRefused(`There is no run ${from} to continue from.`, "missing");
    const hash = this.options.store.runs.checkpoints(from)[0]?.hash;
    if (hash === undefined) throw new RunRefused(`Run ${from} has no checkpoint to continue from.`, "conflict");
    return hash;
  }

  private async finishArtifacts(id: string): Promise<void> {
    const { store } = this.options;
    const checkpoint = store.runs.checkpoints(id)[0];
    if (checkpoint !== undefined) {
      const name = "checkpoint.safetensors";
      const mime = "application/octet-stream";
      store.runs.addArtifact(id, { name, mime, bytes: checkpoint.bytes, createdAt: Date.now(), hash: checkpoint.hash });
      this.log.append(id, [{ type: "artifact", name, mime, bytes: checkpoint.bytes }]);
    }
    this.log.flush();
    const sheet = await trajectorySheet(store, id);
    if (sheet !== undefined)
      this.log.append(id, [await keepResults(store, id, "trajectory-sheet.png", "image/png", sheet)]);
  }

  private registry() {
    const { registry, blobs, datasetFolder } = this.options.store;
    return {
      datasetFolder,
      datasets: registry.datasets().map(({ id, name, size, classes, count }) => ({ id, name, size, classes, count })),
      models: [
        ...registry.models().map(({ hash, createdAt: _, ...model }) => ({ ...model, file: blobs.pathOf(hash) })),
        ...bundledFiles(),
      ],
    };
  }
}
