import type { RunControl, Tap } from "@distillery/shared/run/job";

/** What the server asked of a run, as the executor reads it between two steps. */
export class WorkerControl implements RunControl {
  taps: readonly Tap[] = [];
  cancelled = false;
  private paused = false;
  private wake: (() => void) | undefined;
  private wantedProfile = 0;

  constructor(private readonly onPaused: () => void) {}

  profile(steps: number): void {
    this.wantedProfile = steps;
  }
  takeProfile(): number {
    const steps = this.wantedProfile;
    this.wantedProfile = 0;
    return steps;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
    this.wake?.();
  }
  cancel(): void {
    this.cancelled = true;
    this.wake?.();
  }

  async turn(beforeWaiting?: () => void): Promise<void> {
    // Messages from the server are handled in the event loop's poll phase, which this lets happen.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.paused || this.cancelled) return;
    beforeWaiting?.();
    this.onPaused();
    while (this.paused && !this.cancelled) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.wake = undefined;
  }
}
