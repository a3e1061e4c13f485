/** Turns what the executor makes into messages to the server. */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EventBody, FrameInfo } from "@distillery/shared/protocol/events";
import type { RunSink } from "@distillery/shared/run/job";
import { statisticsOf } from "@distillery/shared/tensor/statistics";
import { type EncodedFrame, encodeFrame } from "./frames/encode";
import { FrameQueue } from "./frames/queue";
import { FRAME_WINDOW, type FromWorker, type Payload } from "./protocol";

const INLINE_BYTES = 4 * 2 ** 20;
const BATCH_MILLISECONDS = 20;
/** A server that takes no frames for so long is not waited for. */
const SETTLE_MILLISECONDS = 1000;

export class WorkerSink implements RunSink {
  readonly frames: FrameQueue;
  private events: EventBody[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sent = 0;
  /** The newest picture of every cell. */
  private readonly pictures = new Map<string, { hash: string; encoded: Promise<unknown> }>();

  constructor(
    private readonly post: (message: FromWorker) => void,
    private readonly temporaryFolder: string,
  ) {
    this.frames = new FrameQueue(
      (info, values) => (info.tap === true ? encodeFrame(info, values) : this.encodeOnce(info, values)),
      ({ info, image, values }) => {
        this.sent += (image?.byteLength ?? 0) + (values?.byteLength ?? 0);
        this.post({ type: "frame", info, image, values });
      },
      (error) =>
        this.event({ type: "log", level: "warning", message: `A frame could not be encoded: ${messageOf(error)}` }),
      FRAME_WINDOW,
    );
  }

  event(body: EventBody): void {
    this.events.push(finite(body));
    this.timer ??= setTimeout(() => this.flushEvents(), BATCH_MILLISECONDS);
    // Steps run inside the event loop, so a timer alone may be late.
    if (this.events.length >= 256) this.flushEvents();
  }

  frame(info: Omit<FrameInfo, "stats" | "format">, values: Float32Array): void {
    this.frames.add(info, values);
  }

  sentBytes(): number {
    return this.sent;
  }

  checkpoint(step: number, bytes: Uint8Array): void {
    this.flushEvents();
    this.post({ type: "checkpoint", step, payload: this.payload(bytes) });
  }

  artifact(name: string, mime: string, bytes: Uint8Array): void {
    this.flushEvents();
    this.post({ type: "artifact", name, mime, payload: this.payload(bytes) });
  }

  async settle(): Promise<void> {
    this.flushEvents();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SETTLE_MILLISECONDS);
    });
    await Promise.race([this.frames.flush(), late]);
    clearTimeout(timer);
  }

  /** Resolves when everything made so far was handed over. */
  async flush(): Promise<void> {
    await this.frames.flush();
    if (this.frames.dropped > 0)
      this.event({ type: "log", level: "info", message: `${this.frames.dropped} frames were skipped to keep up.` });
    this.flushEvents();
  }

  flushEvents(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.events.length === 0) return;
    this.post({ type: "events", events: this.events });
    this.events = [];
  }

  /** A cell that shows what it showed before, like the teacher's at every evaluation, only says so. */
  private async encodeOnce(frame: Omit<FrameInfo, "stats" | "format">, values: Float32Array): Promise<EncodedFrame> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const hash = createHash("sha256").update(frame.shape.join()).update(bytes).digest("base64url").slice(0, 22);
    const cell = `${frame.node}|${frame.socket}|${frame.row}|${frame.column ?? ""}`;
    const info = { ...frame, hash };
    const known = this.pictures.get(cell);
    if (known?.hash === hash) {
      await known.encoded;
      return { info: { ...info, stats: statisticsOf(values), format: "webp" }, image: null, values: null };
    }
    const encoded = encodeFrame(info, values);
    this.pictures.set(cell, { hash, encoded });
    return encoded;
  }

  private payload(bytes: Uint8Array): Payload {
    if (bytes.byteLength <= INLINE_BYTES) return { bytes };
    mkdirSync(this.temporaryFolder, { recursive: true });
    const file = join(this.temporaryFolder, `${randomUUID()}.bin`);
    writeFileSync(file, bytes);
    return { file };
  }
}

/** Numbers that JSON cannot carry: a series loses its point, a metric becomes a warning. */
function finite(body: EventBody): EventBody {
  if (body.type === "step") {
    const series = Object.fromEntries(Object.entries(body.series).filter(([, value]) => Number.isFinite(value)));
    return { ...body, series, stepsPerSecond: Number.isFinite(body.stepsPerSecond) ? body.stepsPerSecond : 0 };
  }
  if (body.type === "metric" && !Number.isFinite(body.value))
    return {
      type: "log",
      level: "warning",
      node: body.node,
      message: `${body.name} is ${body.value} at step ${body.step}.`,
    };
  return body;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
