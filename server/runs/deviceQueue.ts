/** Which run may use which device. One run computes on a device at a time; the others wait in order. */
import type { Device } from "@distillery/shared/protocol/events";

/** The little that runs need of a queue; a shared one (several machines) has the same face. */
export interface RunQueue {
  /** Calls `start` when the device is free for `id`; `urgent` goes before those that wait. */
  enter(id: string, device: Device, start: () => void, urgent?: boolean): void;
  /** Gives the device back, or the place in the queue up. */
  leave(id: string): void;
  counts(): { running: number; queued: number };
}

export class DeviceQueue implements RunQueue {
  private readonly running = new Map<Device, string>();
  private waiting: { id: string; device: Device; start: () => void }[] = [];

  enter(id: string, device: Device, start: () => void, urgent = false): void {
    if (urgent) this.waiting.unshift({ id, device, start });
    else this.waiting.push({ id, device, start });
    this.advance();
  }

  leave(id: string): void {
    this.waiting = this.waiting.filter((entry) => entry.id !== id);
    for (const [device, running] of this.running) if (running === id) this.running.delete(device);
    this.advance();
  }

  counts(): { running: number; queued: number } {
    return { running: this.running.size, queued: this.waiting.length };
  }

  private advance(): void {
    for (const entry of [...this.waiting]) {
      if (this.running.has(entry.device)) continue;
      this.running.set(entry.device, entry.id);
      this.waiting = this.waiting.filter((other) => other !== entry);
      entry.start();
    }
  }
}
