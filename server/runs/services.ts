/** What a run needs of the server around it. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { Device, FrameInfo } from "@distillery/shared/protocol/events";
import type { FrameBytes } from "../store/frames";
import type { Store } from "../store/store";
import type { StartMessage, WorkerSummary } from "../worker/protocol";
import type { EventLog } from "./eventLog";

export interface RunServices {
  readonly store: Store;
  readonly log: EventLog;
  readonly workerFile: string;
  readonly temporaryFolder: string;
  /** Milliseconds between asking a worker to stop and ending it. */
  readonly cancelGrace: number;
  /** Milliseconds without any message after which a worker counts as stuck. */
  readonly silenceLimit: number;
  /** Without bytes: a picture known by its hash. */
  frames(runId: string, info: FrameInfo, bytes: FrameBytes | null): void;
  workerEnv(device: Device): Readonly<Record<string, string | undefined>>;
  registry(graph: GraphDocument): Pick<StartMessage, "datasets" | "models" | "datasetFolder" | "results">;
  /** Last results that are made from stored ones (sheet, checkpoint file). */
  beforeEnd(runId: string, summary: WorkerSummary): Promise<void>;
}
