/** Which run may use which device. One run computes on a device at a time; the others wait by rank, smallest first. */
import type { Device } from "@distillery/shared/protocol/events";

/** The little that runs need of a queue; a shared one (several machines) has the same face. */
export interface RunQueue {
  /** Calls `start` when the device is free for `id`. */
  enter(id: string, device: Device, rank: number, start: () => void): void;
  /** Gives the device back, or the place in the queue up. */
  leave(id: string): void;
  /** Those that wait, first come first. */
  waiting(): readonly { id: string; rank: number }[];
  /** Gives waiting runs other ranks. */
  rerank(ranks: ReadonlyMap<string, number>): void;
  counts(): { running: number; queued: number };
}

interface Entry {
  readonly id: string;
  readonly device: Device;
  readonly rank: number;
  start(): void;
}

export class DeviceQueue implements RunQueue {
  private readonly running = new Map<Device, string>();
  private entries: Entry[] = [];

  enter(id: string, device: Device, rank: number, start: () => void): void {
    this.entries = byRank([...this.entries, { id, device, rank, start }]);
    this.advance();
  }

  leave(id: string): void {
    this.entries = this.entries.filter((entry) => entry.id !== id);
    for (const [device, running] of this.running) if (running === id) this.running.delete(device);
    this.advance();
  }

  waiting(): readonly { id: string; rank: number }[] {
    return this.entries;
  }

  rerank(ranks: ReadonlyMap<string, number>): void {
    this.entries = byRank(this.entries.map((entry) => ({ ...entry, rank: ranks.get(entry.id) ?? entry.rank })));
  }

  counts(): { running: number; queued: number } {
    return { running: this.running.size, queued: this.entries.length };
  }

  private advance(): void {
    for (const entry of [...this.entries]) {
      if (this.running.has(entry.device)) continue;
      this.running.set(entry.device, entry.id);
      this.entries = this.entries.filter((other) => other !== entry);
      entry.start();
    }
  }
}

const byRank = (entries: Entry[]): Entry[] => entries.sort((a, b) => a.rank - b.rank);
