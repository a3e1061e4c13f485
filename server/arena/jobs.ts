/** The runs behind a result: each is started once, waited for wherever it is, and continued where it broke off. */
import { isFinal } from "@distillery/shared/protocol/events";
import type { RunRecord } from "@distillery/shared/protocol/rest";
import { RunRefused, type RunRequest } from "../runs/admission";
import type { RunManager } from "../runs/manager";
import { isOwnerAlive } from "../runs/owner";
import type { Stage } from "../store/arenas";
import type { Store } from "../store/store";

const POLL_MILLISECONDS = 500;

/** Something is wrong with one entry; the arena goes on with the others. */
export class EntryFailed extends Error {
  override readonly name = "EntryFailed";
}
/** The arena was told to stop. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

export class Jobs {
  constructor(
    private readonly store: Store,
    private readonly runs: RunManager,
  ) {}

  /**
   * The finished run for `key` and `stage`.
   * @throws EntryFailed when it failed, Stopped when `signal` told so: a training then leaves a checkpoint to go on from.
   */
  async finish(key: string, stage: Stage, request: RunRequest, signal: AbortSignal): Promise<RunRecord> {
    const known = this.current(key, stage);
    if (known?.status === "done") return known;
    const isGoingOn = known !== undefined && !isFinal(known.status) && this.isLookedAfter(known.id);
    const id = isGoingOn ? known.id : await this.start(key, stage, request, known);
    const ended = await this.ended(id, signal);
    if (ended.status === "done") return ended;
    if (signal.aborted) throw new Stopped();
    throw new EntryFailed(ended.error?.message ?? `The run was ${ended.status}.`);
  }

  current(key: string, stage: Stage): RunRecord | undefined {
    const id = this.store.arenas.job(key, stage);
    return id === undefined ? undefined : this.runs.get(id);
  }

  private async start(key: string, stage: Stage, request: RunRequest, before: RunRecord | undefined): Promise<string> {
    const left = before && this.store.runs.checkpoints(before.id)[0]?.hash;
    try {
      const { id } = await this.runs.start(left === undefined ? request : { ...request, checkpoint: left });
      this.store.arenas.setJob(key, stage, id);
      return id;
    } catch (error) {
      if (error instanceof RunRefused) throw new EntryFailed(error.message);
      throw error;
    }
  }

  private isLookedAfter(id: string): boolean {
    if (this.runs.isActive(id)) return true;
    const owner = this.store.runs.unfinished().find(({ record }) => record.id === id)?.owner;
    return owner !== undefined && isOwnerAlive(owner);
  }

  private async ended(id: string, signal: AbortSignal): Promise<RunRecord> {
    const cancel = () => {
      if (this.runs.isActive(id)) this.runs.cancel(id);
    };
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    try {
      for (;;) {
        const record = await this.runs.finished(id);
        if (isFinal(record.status)) return record;
        // It is another process's: looked at now and then.
        if (signal.aborted) throw new Stopped();
        if (!this.isLookedAfter(id))
          throw new EntryFailed("The process that computed this ended; start the arena again.");
        await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
      }
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }
}
