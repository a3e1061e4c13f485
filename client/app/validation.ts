/** Asks the validation worker; only the newest question is answered. */
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import type { UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";

export interface ValidationRequest {
  id: number;
  document: GraphDocument;
  datasets: UserDatasetInfo[];
  models: UserModelInfo[];
}
export interface ValidationReply {
  id: number;
  issues: Issue[];
  /** `node.socket` of an output -> shape of what it gives; empty while the graph cannot be built. */
  shapes: ReadonlyMap<string, readonly number[]>;
}
export type Findings = Omit<ValidationReply, "id">;
export type Validator = (request: Omit<ValidationRequest, "id">) => Promise<Findings | null>;

/** Starts the worker. The validator answers null to a question that was overtaken by a newer one. */
export function startValidator(): Validator {
  const worker = new Worker(new URL("./validationWorker.ts", import.meta.url), { type: "module" });
  let last = 0;
  let answer: ((findings: Findings | null) => void) | null = null;
  worker.onmessage = ({ data }: MessageEvent<ValidationReply>) => {
    if (data.id !== last) return;
    answer?.(data);
    answer = null;
  };
  worker.onerror = (event) => {
    const message = `The graph could not be checked: ${event.message}`;
    answer?.({ issues: [{ severity: "warning", code: "validation-failed", message }], shapes: new Map() });
    answer = null;
  };
  return (request) => {
    answer?.(null);
    return new Promise((resolve) => {
      answer = resolve;
      worker.postMessage({ ...request, id: ++last } satisfies ValidationRequest);
    });
  };
}
