/** Frame times and main-thread time of a gesture made with real input events. */
import type { CDPSession, Page } from "@playwright/test";

declare global {
  interface Window {
    /** Ends the timing of frames and returns them. */
    endFrames(): number[];
  }
}

export interface Gesture {
  /** Milliseconds between frames while it lasted. */
  readonly frames: readonly number[];
  /** Main-thread milliseconds per input step. */
  readonly busy: number;
}

async function busyTime(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
}

/** Makes `steps` steps, one a frame at most, and times them. */
export async function measureGesture(
  page: Page,
  cdp: CDPSession,
  steps: number,
  step: (i: number) => Promise<void>,
): Promise<Gesture> {
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    let goesOn = true;
    const tick = (now: number) => {
      frames.push(now - last);
      last = now;
      if (goesOn) requestAnimationFrame(tick);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(tick);
    });
    window.endFrames = () => {
      goesOn = false;
      return frames;
    };
  });
  const before = await busyTime(cdp);
  for (let i = 1; i <= steps; i++) {
    await step(i);
    await page.evaluate(() => new Promise((frame) => requestAnimationFrame(frame)));
  }
  const busy = ((await busyTime(cdp)) - before) / steps;
  const frames = await page.evaluate(() => window.endFrames());
  return { frames, busy };
}

export async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  return usedSize / 2 ** 20;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
