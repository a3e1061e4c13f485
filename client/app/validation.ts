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
}
export type Validator = (request: Omit<ValidationRequest, "id">) => Promise<Issue[] | null>;

/** Starts the worker. The validator answers null to a question that was overtaken by a newer one. */
export function startValidator(): Validator {
  const worker = new Worker(new URL("./validationWorker.ts", import.meta.url), { type: "module" });
  let last = 0;
  let answer: ((issues: Issue[] | null) => void) | null = null;
  worker.onmessage = ({ data }: MessageEvent<ValidationReply>) => {
    if (data.id !== last) return;
    answer?.(data.issues);
    answer = null;
  };
  worker.onerror = (event) => {
    const message = `The graph could not be checked: ${event.message}`;
    answer?.([{ severity: "warning", code: "validation-failed", message }]);
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
