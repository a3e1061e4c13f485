/** All runs of this server: starting, stopping, continuing. */
import { join } from "node:path";
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import { contentHash } from "@distillery/shared/graph/hash";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { isFinal, type RunStatus } from "@distillery/shared/protocol/events";
import type { Overrides, RunRecord } from "@distillery/shared/protocol/rest";
import type { Tap } from "@distillery/shared/run/job";
import { bundledFiles } from "../bundled";
import { newId } from "../identifiers";
import { VALIDATION_FILE } from "../paths";
import { createResources } from "../resources";
import type { Store } from "../store/store";
import type { GraphCheck } from "../validation/check";
import { Validator } from "../validation/validator";
import { ActiveRun } from "./activeRun";
import { deviceEnvironment } from "./deviceEnvironment";
import { DeviceQueue, type RunQueue } from "./deviceQueue";
import { EventLog } from "./eventLog";
import { applyOverrides } from "./overrides";
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

export interface RunRequest {
  readonly graph: unknown;
  readonly graphId?: string | undefined;
  readonly label?: string | undefined;
  readonly overrides: Overrides;
  /** Blob of a checkpoint to continue from, instead of a run's (`overrides.from`). */
  readonly checkpoint?: string | undefined;
  /** Steps to be measured from its beginning. */
  readonly profile?: number | undefined;
}

/** The request cannot be fulfilled as it is; `issues` point into the graph. */
export class RunRefused extends Error {
  override readonly name = "RunRefused";
  constructor(
    message: string,
    readonly kind: "invalid" | "missing" | "conflict",
    readonly issues: readonly Issue[] = [],
  ) {
    super(message);
  }
}

export class RunManager {
  readonly log: EventLog;
  private readonly active = new Map<string, ActiveRun>();
  private readonly queue: RunQueue;
  private readonly validator: Validator;
  private readonly owner: string;
  private readonly services: RunServices;
  private readonly waiters = new Map<string, (() => void)[]>();
  private closing = false;

  constructor(private readonly options: ManagerOptions) {
    const { store } = options;
    this.log = new EventLog(store);
    this.validator = new Validator(options.library, VALIDATION_FILE);
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
   * Queues a run of `graph` with its overrides applied.
   * @throws RunRefused when the graph, an override or the checkpoint to start from is no good.
   */
  async start({ graph, graphId, label, overrides, checkpoint, profile }: RunRequest): Promise<RunRecord> {
    const { store, library } = this.options;
    const parsed = await this.validate(graph);
    // Errors of the plan may be cured by an override, so only an unreadable document ends it here.
    if (parsed.document === undefined) throw refuseInvalid(parsed.issues);
    const changed = applyOverrides(parsed.document, overrides, library);
    if (changed.issues.length > 0) throw refuseInvalid(changed.issues);
    const hasChanges = overrides.params !== undefined || overrides.seed !== undefined;
    const checked = hasChanges ? await this.validate(changed.document) : parsed;
    if (checked.issues.some(({ severity }) => severity === "error")) throw refuseInvalid(checked.issues);
    const sourceCheckpoint = checkpoint ?? this.sourceCheckpoint(overrides.from);
    const document: GraphDocument = changed.document;
    const record: RunRecord = {
      id: newId(),
      status: "queued",
      label: label ?? "",
      graphId: graphId ?? null,
      graphName: document.name,
      graphHash: await contentHash(document),
      device: overrides.device ?? "cpu",
      seed: document.seed,
      step: 0,
      steps: overrides.steps ?? checked.steps,
      createdAt: Date.now(),
      startedAt: null,
      finishedAt: null,
      lastSeq: 0,
      error: null,
      metrics: {},
    };
    store.runs.create({ record, document, overrides, owner: this.owner, sourceCheckpoint });
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
    this.queue.enter(id, run.run.device, () => run.resume(), true);
    return this.record(id);
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
    this.queue.enter(run.id, run.run.device, () => {
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

function refuseInvalid(issues: readonly Issue[]): RunRefused {
  const errors = issues.filter((issue) => issue.severity === "error");
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new RunRefused(`${errors[0]?.message ?? "The graph is not valid."}${more}`, "invalid", issues);
}
