/** All arenas of this server: each goes through its entries one by one, and leaves out what has a result already. */
import {
  type Arena,
  type ArenaEntry,
  type ArenaResult,
  type ArenaSpec,
  type ArenaSummary,
  UNTRAINED,
} from "@distillery/shared/protocol/arena";
import type { RunRecord } from "@distillery/shared/protocol/rest";
import { RunRefused, type RunRequest } from "../runs/admission";
import type { RunManager } from "../runs/manager";
import { isOwnerAlive, type Origin, originOf, ownerTag } from "../runs/owner";
import type { Stage, StoredArena } from "../store/arenas";
import type { Store } from "../store/store";
import { summarySchema } from "../worker/protocol";
import { leastUpdatesOf } from "./graphs";
import { EntryFailed, Jobs, Stopped } from "./jobs";
import { type ArenaPlan, hashOf, type PlannedEntry, planArena, planSchema, trainingOf } from "./plan";
import { resultOf } from "./result";

/** Updates of the run that tells how many fit into a budget of seconds. */
const MEASURED_UPDATES = 20;
const STATUS: Readonly<Record<Stage, ArenaEntry["status"]>> = {
  measure: "measuring",
  train: "training",
  evaluate: "evaluating",
};

interface Active {
  readonly abort: AbortController;
  over: Promise<void>;
  /** What is worked on. */
  at: { key: string; stage: Stage } | undefined;
}

export class Arenas {
  private readonly active = new Map<string, Active>();
  private readonly plans = new Map<string, ArenaPlan>();
  private readonly jobs: Jobs;
  private readonly owner: string;
  private closing = false;

  constructor(
    private readonly store: Store,
    private readonly runs: RunManager,
    origin: Origin,
  ) {
    this.jobs = new Jobs(store, runs);
    this.owner = ownerTag(origin);
  }

  /**
   * Starts an arena. The same one again goes on where it stopped.
   * @throws RunRefused when it cannot be: an unknown method, a graph that trains or samples nothing, unlike pictures.
   */
  async start(spec: ArenaSpec): Promise<Arena> {
    const { arenas } = this.store;
    const plan = await planArena(spec, this.store, this.runs);
    const hash = await hashOf(plan);
    const same = arenas.byHash(hash);
    if (same !== undefined) return this.resume(same.id);
    const known = plan.entries.flatMap(({ key }) => (arenas.result(key) === undefined ? [] : [key]));
    const { id } = arenas.create({ name: spec.name, hash, owner: this.owner, plan: JSON.stringify(plan), known });
    this.launch(id);
    return this.require(id);
  }

  /** Goes on with an arena that was cancelled, and tries again what failed. */
  resume(id: string): Arena {
    const arena = this.stored(id);
    const { entries } = this.planOf(arena);
    const isComplete = entries.every(({ key }) => this.store.arenas.result(key) !== undefined);
    const isElsewhere = arena.status === "running" && !this.active.has(id) && isOwnerAlive(arena.owner);
    if (this.active.has(id) || isElsewhere || (arena.status === "done" && isComplete)) return this.require(id);
    this.store.arenas.adopt(id, this.owner);
    this.store.arenas.setErrors(id, {});
    this.store.arenas.setStatus(id, "running");
    this.launch(id);
    return this.require(id);
  }

  /** Stops after the step that is being computed; what was trained so far is kept. */
  async cancel(id: string): Promise<Arena> {
    const arena = this.stored(id);
    const active = this.active.get(id);
    if (active === undefined) {
      const where = arena.status === "running" ? "belongs to another process" : `is already ${arena.status}`;
      throw new RunRefused(`Arena ${id} ${where}.`, "conflict");
    }
    active.abort.abort();
    await active.over;
    return this.require(id);
  }

  remove(id: string): void {
    if (this.active.has(id)) throw new RunRefused(`Arena ${id} is running; cancel it first.`, "conflict");
    if (!this.store.arenas.remove(id)) throw new RunRefused(`There is no arena ${id}.`, "missing");
    this.plans.delete(id);
  }

  get(id: string): Arena | undefined {
    const arena = this.store.arenas.get(id);
    return arena && this.shown(arena);
  }

  list(): ArenaSummary[] {
    return this.store.arenas.list().map((arena) => this.summaryOf(arena, this.planOf(arena)));
  }

  /** Resolves when the arena is over. */
  async finished(id: string): Promise<Arena> {
    await this.active.get(id)?.over;
    return this.require(id);
  }

  shared(slug: string): Arena | undefined {
    const arena = this.store.arenas.shared(slug);
    return arena && this.shown(arena);
  }

  /** Takes over the arenas that a server before this one did not finish; its runs are taken over by the run manager. */
  recover(): void {
    for (const { id, status, owner } of this.store.arenas.list()) {
      if (status !== "running" || this.active.has(id) || isOwnerAlive(owner)) continue;
      if (originOf(owner) === "cli") this.store.arenas.setStatus(id, "cancelled");
      else this.resume(id);
    }
  }

  /** Lets go: the next start takes over. */
  close(): void {
    this.closing = true;
  }

  private launch(id: string): void {
    const active: Active = { abort: new AbortController(), over: Promise.resolve(), at: undefined };
    this.active.set(id, active);
    active.over = this.work(id, active).finally(() => this.active.delete(id));
  }

  private async work(id: string, active: Active): Promise<void> {
    const { arenas } = this.store;
    const plan = this.planOf(this.stored(id));
    const errors: Record<string, string> = {};
    for (const entry of plan.entries) {
      if (arenas.result(entry.key) !== undefined) continue;
      try {
        if (active.abort.signal.aborted) throw new Stopped();
        arenas.addResult(entry.key, await this.compute(plan, entry, active));
      } catch (error) {
        // The database may be closed already.
        if (this.closing) return;
        if (error instanceof Stopped) {
          arenas.setStatus(id, "cancelled");
          return;
        }
        errors[entry.key] = error instanceof Error ? error.message : String(error);
        arenas.setErrors(id, errors);
      }
      if (this.closing) return;
    }
    arenas.setStatus(id, "done");
  }

  private async compute(plan: ArenaPlan, entry: PlannedEntry, active: Active): Promise<ArenaResult> {
    const { spec } = plan;
    const run = (key: string, stage: Stage, request: Pick<RunRequest, "graph" | "checkpoint" | "label">) => {
      active.at = { key: entry.key, stage };
      return this.jobs.finish(key, stage, { ...request, overrides: { device: spec.device } }, active.abort.signal);
    };
    const method = entry.method === null ? undefined : plan.methods[entry.method];
    const title = spec.methods.find(({ id }) => id === entry.method)?.title;
    if (method === undefined || title === undefined) {
      const scored = await run(entry.key, "evaluate", { graph: plan.teacher, label: "arena: teacher" });
      return resultOf(this.store, scored, null);
    }
    if (entry.seed === UNTRAINED) {
      const scored = await run(entry.key, "evaluate", { graph: method.evaluation, label: `arena: ${title}` });
      return resultOf(this.store, scored, null);
    }
    let updates: number | undefined;
    if ("seconds" in spec.budget) {
      // All seeds of a method train for the same number of updates.
      const first = plan.entries.find((each) => each.method === entry.method) ?? entry;
      const graph = trainingOf(method.graph, spec, 1, MEASURED_UPDATES);
      const measured = await run(first.key, "measure", { graph, label: `arena: ${title}, speed` });
      updates = Math.max(leastUpdatesOf(method.graph), Math.round(spec.budget.seconds * this.speedOf(measured)));
    }
    const trained = await run(entry.key, "train", {
      graph: trainingOf(method.graph, spec, entry.seed, updates),
      label: `arena: ${title}, seed ${entry.seed}`,
    });
    const checkpoint = this.store.runs.checkpoints(trained.id)[0]?.hash;
    if (checkpoint === undefined) throw new EntryFailed("The training left no checkpoint.");
    const scored = await run(entry.key, "evaluate", {
      graph: method.evaluation,
      checkpoint,
      label: `arena: ${title}, seed ${entry.seed}, evaluation`,
    });
    return resultOf(this.store, scored, trained);
  }

  private speedOf(run: RunRecord): number {
    return summarySchema.parse(this.store.runs.summary(run.id)).stepsPerSecond;
  }

  private shown(arena: StoredArena): Arena {
    const plan = this.planOf(arena);
    const { spec, metrics } = plan;
    return {
      ...this.summaryOf(arena, plan),
      spec: { ...spec, methods: spec.methods.map(({ graph: _, ...method }) => method) },
      metrics,
      entries: plan.entries.map((entry) => this.entryOf(arena, entry)),
    };
  }

  private entryOf({ id, errors, known }: StoredArena, { method, seed, key }: PlannedEntry): ArenaEntry {
    const result = this.store.arenas.result(key) ?? null;
    const at = this.active.get(id)?.at;
    const stage = at?.key === key ? at.stage : undefined;
    const run = this.jobs.current(key, stage ?? "train");
    const error = errors[key] ?? null;
    const open = stage === undefined ? "waiting" : STATUS[stage];
    return {
      method,
      seed,
      key,
      status: result !== null ? "done" : error !== null ? "failed" : open,
      isKnown: known.includes(key),
      runId: run?.id ?? null,
      step: run?.step ?? 0,
      steps: run?.steps ?? 0,
      error,
      result,
    };
  }

  private summaryOf({ id, name, status, createdAt, finishedAt }: StoredArena, plan: ArenaPlan): ArenaSummary {
    return {
      id,
      name,
      status,
      createdAt,
      finishedAt,
      methods: plan.spec.methods.map(({ title }) => title),
      seeds: plan.spec.seeds,
      done: plan.entries.filter(({ key }) => this.store.arenas.result(key) !== undefined).length,
      total: plan.entries.length,
    };
  }

  private planOf({ id, plan }: StoredArena): ArenaPlan {
    const read = this.plans.get(id) ?? planSchema.parse(JSON.parse(plan));
    this.plans.set(id, read);
    return read;
  }

  private stored(id: string): StoredArena {
    const arena = this.store.arenas.get(id);
    if (arena === undefined) throw new RunRefused(`There is no arena ${id}.`, "missing");
    return arena;
  }

  private require(id: string): Arena {
    return this.shown(this.stored(id));
  }
}
