/** A recorded run in one line. */
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import { say } from "../language";

export function recordedSummary({ status, step, steps, seed, device }: Omit<RecordedRun, "events" | "graph">): string {
  const name = device === "cpu" ? "CPU" : device === "cuda" ? "CUDA" : "WebGPU";
  return say.run.recorded(say.run.status[status], step, steps, seed, name);
}
