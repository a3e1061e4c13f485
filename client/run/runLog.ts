/**
 * What is known of one run: a fold over its numbered events. Pure and without Vue, so that replaying the same events in
 * any batches, twice or after a reload, always gives the same picture.
 */
import {
  type Device,
  type FrameInfo,
  isFinal,
  type RunEvent,
  type RunStatus,
} from "@distillery/shared/protocol/events";
import { say } from "../language";
import { Series } from "./series";

const words = say.run;

export interface NodeProgress {
  state: "idle" | "running" | "done" | "error";
  milliseconds?: number;
  message?: string;
}
export interface LogLine {
  seq: number;
  time: number;
  level: "info" | "warning" | "error";
  message: string;
  node?: string;
}
export interface DataPoint {
  seq: number;
  step: number;
  value: unknown;
}
export interface StoredFrame extends FrameInfo {
  seq: number;
}
export interface CompiledInfo {
  milliseconds: number;
  stages: readonly { name: string; nodes: number; parameters: number }[];
}
/** The stage of training a run is at. */
export interface StageProgress {
  node: string;
  title: string;
  index: number;
  count: number;
}
export interface RunArtifact {
  name: string;
  bytes: number;
  mime: string;
}

/** Kept per (node, name): enough to scrub through a long run without holding everything. */
const DATA_POINTS = 400;
const LOG_LINES = 1000;

export class RunLog {
  lastSeq = 0;
  status: RunStatus = "queued";
  statusMessage = "";
  step = 0;
  steps = 0;
  stepsPerSecond = 0;
  /** Server times in milliseconds. */
  startedAt: number | null = null;
  lastTime: number | null = null;
  error: { message: string; node?: string } | null = null;
  compiled: CompiledInfo | null = null;
  /** Null where the whole run is one. */
  stage: StageProgress | null = null;
  device: Device | null = null;
  /** By `node.name`. */
  readonly series = new Map<string, Series>();
  readonly metrics = new Map<string, Series>();
  readonly data = new Map<string, DataPoint[]>();
  /** Number of the newest event in `data`. */
  dataSeq = 0;
  readonly nodes = new Map<string, NodeProgress>();
  readonly log: LogLine[] = [];
  readonly frames: StoredFrame[] = [];
  /** Steps whose pictures are gone. */
  readonly thinned: { readonly steps: readonly number[]; readonly tap: boolean }[] = [];
  readonly checkpoints: { step: number; name: string; bytes: number }[] = [];
  readonly artifacts = new Map<string, RunArtifact>();
  private readonly waiting = new Map<number, RunEvent>();

  constructor(readonly runId: string) {}

  /**
   * Takes a batch of events; those already seen are ignored, those after a hole wait for it to be filled.
   * @returns the number of events taken into account now.
   */
  take(events: readonly RunEvent[]): number {
    for (const event of events) if (event.seq > this.lastSeq) this.waiting.set(event.seq, event);
    let taken = 0;
    for (let next = this.waiting.get(this.lastSeq + 1); next; next = this.waiting.get(this.lastSeq + 1)) {
      this.waiting.delete(next.seq);
      this.lastSeq = next.seq;
      this.apply(next);
      taken++;
    }
    return taken;
  }

  /** Takes an excerpt of a log that is over: its holes are meant. */
  replay(events: readonly RunEvent[]): void {
    for (const event of events) {
      this.lastSeq = event.seq;
      this.apply(event);
    }
  }

  /** True while events after a missing one are waiting. */
  get hasGap(): boolean {
    return this.waiting.size > 0;
  }

  private apply(event: RunEvent): void {
    this.lastTime = event.time;
    switch (event.type) {
      case "status":
        this.applyStatus(event);
        return;
      case "compiled":
        this.compiled = { milliseconds: event.milliseconds, stages: event.stages };
        this.steps = event.steps;
        return;
      case "step":
        this.step = event.step;
        this.steps = event.steps;
        this.stepsPerSecond = event.stepsPerSecond;
        for (const [name, value] of Object.entries(event.series)) addTo(this.series, name, event.step, value);
        return;
      case "stage": {
        const { node, title, index, count, begin, end, seq, time } = event;
        this.stage = { node, title, index, count };
        const message = words.log.stage(index + 1, count, title, begin + 1, end);
        this.addLine({ seq, time, level: "info", message, node });
        return;
      }
      case "metric":
        addTo(this.metrics, `${event.node}.${event.name}`, event.step, event.value);
        return;
      case "data": {
        const key = `${event.node}.${event.name}`;
        const points = this.data.get(key) ?? [];
        points.push({ seq: event.seq, step: event.step, value: event.value });
        this.dataSeq = event.seq;
        this.data.set(key, points.length > DATA_POINTS ? thin(points) : points);
        return;
      }
      case "node": {
        const { node, state, milliseconds, message } = event;
        this.nodes.set(node, { state, milliseconds: milliseconds ?? this.nodes.get(node)?.milliseconds, message });
        return;
      }
      case "frame":
        this.frames.push(event);
        return;
      case "thinned":
        this.applyThinned(event);
        return;
      case "checkpoint":
        this.checkpoints.push({ step: event.step, name: event.name, bytes: event.bytes });
        return;
      case "artifact":
        this.artifacts.set(event.name, { name: event.name, bytes: event.bytes, mime: event.mime });
        return;
      case "log": {
        const { seq, time, level, message, node } = event;
        this.addLine({ seq, time, level, message, node });
        return;
      }
    }
  }

  private applyThinned({ steps, tap, bytes, scope, seq, time }: RunEvent & { type: "thinned" }): void {
    this.thinned.push({ steps, tap });
    const message = words.log.removed(tap, steps.length, (bytes / 1e6).toFixed(1), scope === "run");
    this.addLine({ seq, time, level: "info", message });
  }

  private addLine(line: LogLine): void {
    this.log.push(line);
    if (this.log.length > LOG_LINES) this.log.shift();
  }

  private applyStatus(event: RunEvent & { type: "status" }): void {
    this.status = event.status;
    this.statusMessage = event.message ?? "";
    if (event.status === "running" && this.startedAt === null) this.startedAt = event.time;
    if (event.status === "failed") {
      const message = event.message ?? words.failed;
      this.error = { message, node: event.node };
      if (event.node) this.nodes.set(event.node, { ...this.nodes.get(event.node), state: "error", message });
    } else this.error = null;
    if (isFinal(event.status))
      for (const [node, progress] of this.nodes)
        if (progress.state === "running")
          this.nodes.set(node, { ...progress, state: event.status === "done" ? "done" : "idle" });
  }

  /** The newest data value of (node, name) not later than `step`. */
  dataAt(node: string, name: string, step = Number.POSITIVE_INFINITY): DataPoint | undefined {
    return this.data.get(`${node}.${name}`)?.findLast((point) => point.step <= step);
  }
}

function addTo(into: Map<string, Series>, key: string, step: number, value: number): void {
  let series = into.get(key);
  if (!series) {
    series = new Series();
    into.set(key, series);
  }
  series.add(step, value);
}

/** Drops every other point, always keeping the first and the last. */
function thin<T>(points: readonly T[]): T[] {
  return points.filter((_, i) => i === 0 || i === points.length - 1 || i % 2 === 0);
}
