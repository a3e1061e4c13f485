/**
 * Frames between the executor, which must not wait, and the server. Memory is bounded: taps keep only the newest frame
 * of each cell, viewers keep all of a step, and beyond `LIMIT_BYTES` the oldest ones go.
 */
import type { FrameInfo } from "@distillery/shared/protocol/events";
import type { EncodedFrame } from "./encode";

type Info = Omit<FrameInfo, "stats" | "format">;
export type FrameSource = (info: Info, values: Float32Array) => Promise<EncodedFrame>;

const LIMIT_BYTES = 64 * 2 ** 20;
/** Encodings at once: enough to keep one core of the thread pool busy. */
const ENCODERS = 2;

export class FrameQueue {
  private readonly waiting = new Map<string, { info: Info; values: Float32Array }>();
  private bytes = 0;
  private encoding = 0;
  private sent: Promise<void> = Promise.resolve();
  private readonly idle: (() => void)[] = [];
  /** Frames given up because they came faster than they could be sent. */
  dropped = 0;

  constructor(
    private readonly encode: FrameSource,
    private readonly send: (frame: EncodedFrame) => void,
    private readonly failed: (error: unknown) => void,
    /** Frames that may be sent before the receiver grants more. */
    private credit: number,
  ) {}

  add(info: Info, values: Float32Array): void {
    const cell = `${info.node}|${info.socket}|${info.row}|${info.column ?? ""}`;
    const key = info.tap === true ? `tap|${cell}` : `${info.step}|${cell}`;
    const old = this.waiting.get(key);
    if (old !== undefined) this.drop(key, old.values);
    // A copy: the executor may reuse its buffer for the next step.
    this.waiting.set(key, { info, values: values.slice() });
    this.bytes += values.byteLength;
    for (const [oldest, entry] of this.waiting) {
      if (this.bytes <= LIMIT_BYTES || oldest === key) break;
      this.drop(oldest, entry.values);
    }
    this.pump();
  }

  /** The receiver took `frames` frames. */
  grant(frames: number): void {
    this.credit += frames;
    this.pump();
  }

  /** Resolves when every frame was sent. */
  async flush(): Promise<void> {
    if (this.waiting.size === 0 && this.encoding === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private drop(key: string, values: Float32Array): void {
    this.waiting.delete(key);
    this.bytes -= values.byteLength;
    this.dropped++;
  }

  private pump(): void {
    while (this.encoding < ENCODERS && this.credit > 0) {
      const next = this.waiting.entries().next();
      if (next.done) break;
      const [key, { info, values }] = next.value;
      this.waiting.delete(key);
      this.bytes -= values.byteLength;
      this.encoding++;
      this.credit--;
      const encoded = this.encode(info, values);
      // Encoded side by side, sent in order.
      this.sent = this.sent
        .then(() => encoded)
        .then(this.send)
        .catch((error: unknown) => {
          this.credit++;
          this.failed(error);
        })
        .finally(() => {
          this.encoding--;
          this.pump();
        });
    }
    if (this.waiting.size === 0 && this.encoding === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}
