/**
 * The numbered events of all runs of this process: numbered at once, written in batches, readable from any point.
 * Listeners are told after the batch is on disk, so nobody ever saw an event that a crash could lose.
 */
import type { EventBody, FrameInfo, RunEvent } from "@distillery/shared/protocol/events";
import { type FrameBytes, merged, type Thinned } from "../store/frames";
import type { RunChange } from "../store/runs";
import type { Store } from "../store/store";

const BATCH_MILLISECONDS = 15;
const RETRY_MILLISECONDS = 1000;
/** Events of a live run kept in memory, so that twenty viewers do not each read the database. */
const RECENT = 4096;

interface Log {
  lastSeq: number;
  recent: RunEvent[];
  /** Not on disk yet. */
  pending: RunEvent[];
  frames: Map<number, { info: FrameInfo; bytes: FrameBytes | null }>;
  change: RunChange;
}

export interface LogListener {
  /** Events up to `lastSeq` can be read. */
  appended?(runId: string, lastSeq: number): void;
  frame?(runId: string, seq: number, info: FrameInfo, bytes: FrameBytes): void;
  /** A batch could not be written. */
  failed?(runId: string, error: unknown): void;
}

export class EventLog {
  private readonly logs = new Map<string, Log>();
  private readonly listeners = new Set<LogListener>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly store: Store) {}

  listen(listener: LogListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  append(runId: string, bodies: readonly EventBody[], change: RunChange = {}): void {
    const log = this.open(runId);
    for (const body of bodies) this.number(log, body);
    Object.assign(log.change, change);
    this.schedule(BATCH_MILLISECONDS);
  }

  /** Records a frame and hands it to live viewers; they know one without bytes already. */
  appendFrame(runId: string, info: FrameInfo, bytes: FrameBytes | null): void {
    const log = this.open(runId);
    const { seq } = this.number(log, { type: "frame", ...info });
    log.frames.set(seq, { info, bytes });
    if (bytes !== null) for (const listener of this.listeners) listener.frame?.(runId, seq, info, bytes);
    this.schedule(BATCH_MILLISECONDS);
  }

  /** Events on disk after `after`, in order, at most `limit`. */
  read(runId: string, after: number, limit: number): RunEvent[] {
    const recent = this.logs.get(runId)?.recent;
    const first = recent?.[0];
    if (recent !== undefined && first !== undefined && first.seq <= after + 1) {
      const from = after + 1 - first.seq;
      return recent.slice(from, from + limit);
    }
    return this.store.runs.events(runId, after, limit);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [runId, log] of this.logs) this.write(runId, log);
  }

  /** Writes what is left of a finished run and frees its memory. */
  finish(runId: string): void {
    const log = this.logs.get(runId);
    if (log === undefined) return;
    this.write(runId, log);
    if (log.pending.length === 0) this.logs.delete(runId);
    this.store.frames.finish(runId);
    this.makeRoom();
  }

  /** Old runs give up pictures where all together keep too much; each says so in its own log. */
  private makeRoom(): void {
    const gone = this.store.transaction(() => this.store.frames.makeRoom());
    for (const [runId, thinned] of gone) {
      const log = this.open(runId);
      for (const each of thinned) this.number(log, { type: "thinned", ...each, scope: "all" });
      this.write(runId, log);
      if (log.pending.length === 0) this.logs.delete(runId);
    }
  }

  close(): void {
    this.flush();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private open(runId: string): Log {
    let log = this.logs.get(runId);
    if (log === undefined) {
      const lastSeq = this.store.runs.get(runId)?.lastSeq ?? 0;
      log = { lastSeq, recent: [], pending: [], frames: new Map(), change: {} };
      this.logs.set(runId, log);
    }
    return log;
  }

  private number(log: Log, body: EventBody): RunEvent {
    const event: RunEvent = { ...body, seq: ++log.lastSeq, time: Date.now() };
    log.pending.push(event);
    return event;
  }

  private schedule(milliseconds: number): void {
    this.timer ??= setTimeout(() => this.flush(), milliseconds);
  }

  private write(runId: string, log: Log): void {
    const hasChange = Object.keys(log.change).length > 0;
    if (log.pending.length === 0 && !hasChange) return;
    const { pending, frames, change } = log;
    let thinned: Thinned[] = [];
    try {
      this.store.transaction(() => {
        this.store.runs.append(runId, pending, change);
        for (const [seq, { info, bytes }] of frames)
          thinned = merged(thinned, this.store.frames.add(runId, seq, { ...info, tap: info.tap === true }, bytes));
      });
    } catch (error) {
      // Events are kept and tried again; pictures are given up, they are what fills a disk.
      this.store.frames.finish(runId);
      log.frames = new Map();
      for (const listener of this.listeners) listener.failed?.(runId, error);
      this.schedule(RETRY_MILLISECONDS);
      return;
    }
    log.pending = [];
    log.frames = new Map();
    log.change = {};
    log.recent.push(...pending);
    if (log.recent.length > RECENT * 2) log.recent = log.recent.slice(-RECENT);
    if (pending.length > 0) for (const listener of this.listeners) listener.appended?.(runId, pending.at(-1)?.seq ?? 0);
    if (thinned.length === 0) return;
    for (const each of thinned) this.number(log, { type: "thinned", ...each, scope: "run" });
    this.schedule(BATCH_MILLISECONDS);
  }
}
