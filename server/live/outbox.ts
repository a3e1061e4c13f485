/**
 * What one viewer is owed. Nothing is queued for it: events are read from the log when its connection can take more,
 * and of each picture only the newest waits. So a slow viewer costs no memory and slows nobody down.
 */
import type { RunEvent } from "@distillery/shared/protocol/events";
import type { FrameHeader } from "@distillery/shared/protocol/socket";

export interface LiveFrame {
  readonly header: FrameHeader;
  readonly image: Uint8Array;
  readonly values: Uint8Array | null;
}

export interface Connection {
  /** Whether the transport took everything so far. */
  isClear(): boolean;
  sendEvents(runId: string, events: RunEvent[]): void;
  sendFrame(frame: LiveFrame): void;
}

/** Events sent in one message. */
const BATCH = 500;
/** Cells that wait for a slow viewer; beyond it the oldest goes. */
const MAX_FRAMES = 1024;
/** Frames handed to a clear connection at once. */
const FRAME_BURST = 8;

export class Outbox {
  /** Last event sent, by run. */
  private readonly cursors = new Map<string, number>();
  private readonly frames = new Map<string, LiveFrame>();

  constructor(
    private readonly connection: Connection,
    private readonly read: (runId: string, after: number, limit: number) => RunEvent[],
  ) {}

  get runs(): ReadonlySet<string> {
    return new Set(this.cursors.keys());
  }

  /** Sends everything after `after`, then what comes. Again with another `after`: starts over from there. */
  subscribe(runId: string, after: number): void {
    this.cursors.set(runId, after);
  }

  unsubscribe(runId: string): void {
    this.cursors.delete(runId);
    for (const [key, frame] of this.frames) if (frame.header.runId === runId) this.frames.delete(key);
  }

  follows(runId: string): boolean {
    return this.cursors.has(runId);
  }

  addFrame(frame: LiveFrame): void {
    const { runId, node, socket, row, column, tap } = frame.header;
    const key = [runId, node, socket, row, column ?? "", tap === true].join("|");
    // Removed first, so that the order stays that of arrival.
    this.frames.delete(key);
    this.frames.set(key, frame);
    if (this.frames.size > MAX_FRAMES) {
      const oldest = this.frames.keys().next();
      if (!oldest.done) this.frames.delete(oldest.value);
    }
  }

  /** Sends as much as the connection takes now; call again when it is clear. Events go first. */
  pump(): void {
    while (this.connection.isClear()) {
      if (!this.pumpEvents() && !this.pumpFrames()) return;
    }
  }

  private pumpEvents(): boolean {
    let sent = false;
    for (const [runId, after] of this.cursors) {
      const events = this.read(runId, after, BATCH);
      const last = events.at(-1);
      if (last === undefined) continue;
      this.cursors.set(runId, last.seq);
      this.connection.sendEvents(runId, events);
      sent = true;
    }
    return sent;
  }

  private pumpFrames(): boolean {
    let count = 0;
    for (const [key, frame] of this.frames) {
      if (count === FRAME_BURST) break;
      this.frames.delete(key);
      this.connection.sendFrame(frame);
      count++;
    }
    return count > 0;
  }
}
