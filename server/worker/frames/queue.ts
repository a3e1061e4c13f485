/**
 * Frames between the executor, which must not wait, and the server. Memory is bounded: taps keep only the newest frame
 * of each cell, viewers keep all of a step, and beyond `LIMIT_BYTES` the oldest ones go.
 */
import type { FrameInfo } from "@distillery/shared/protocol/events";
import type { EncodedFrame } from "./encode";

type Info = Omit<FrameInfo, "stats" | "format">;
export type FrameSource = (info: Info, values: Float32Array) => Promise<EncodedFrame>;

const LIMIT_BYTES = 64 * 2 ** 20;
/**
 * Encodings at once. While a run trains, its event loop turns once per step, and no more than these are finished at
 * each turn: enough for some tapped wires.
 */
const ENCODERS = 12;

export class FrameQueue {
  private readonly waiting = new Map<string, { info: Info; values: Float32Array }>();
  private bytes = 0;
  private encoding = 0;
  /** Sent, not taken yet. */
  private underway = 0;
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
    this.underway -= frames;
    this.pump();
  }

  /** Resolves when the receiver took every frame. */
  async flush(): Promise<void> {
    if (this.isIdle()) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private isIdle(): boolean {
    return this.waiting.size === 0 && this.encoding === 0 && this.underway <= 0;
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
        .then((frame) => {
          this.send(frame);
          this.underway++;
        })
        .catch((error: unknown) => {
          this.credit++;
          this.failed(error);
        })
        .finally(() => {
          this.encoding--;
          this.pump();
        });
    }
    if (this.isIdle()) for (const resolve of this.idle.splice(0)) resolve();
  }
}
