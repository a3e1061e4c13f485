/** A recorded run in one line. */
import type { RecordedRun } from "@distillery/shared/protocol/shares";

export function recordedSummary({ status, step, steps, seed, device }: Omit<RecordedRun, "events" | "graph">): string {
  const state = `${status.charAt(0).toUpperCase()}${status.slice(1)}`;
  const done = step === steps ? `${steps} steps` : `step ${step} of ${steps}`;
  return `${state}, ${done}, seed ${seed}, ${device === "cpu" ? "CPU" : device === "cuda" ? "CUDA" : "WebGPU"}`;
}
