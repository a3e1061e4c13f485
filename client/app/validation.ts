/** Asks the validation worker; only the newest question is answered. */
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import type { UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";
import { say } from "../language";

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
  /** Why the graph could not be checked at all. */
  failure?: string;
}
export type Findings = Pick<ValidationReply, "issues" | "shapes">;
export type Validator = (request: Omit<ValidationRequest, "id">) => Promise<Findings | null>;

const failed = (severity: Issue["severity"], reason: string): Findings => ({
  issues: [{ severity, code: "validation-failed", message: say.app.work.notChecked(reason) }],
  shapes: new Map(),
});

/** Starts the worker. The validator answers null to a question that was overtaken by a newer one. */
export function startValidator(): Validator {
  const worker = new Worker(new URL("./validationWorker.ts", import.meta.url), { type: "module" });
  let last = 0;
  let answer: ((findings: Findings | null) => void) | null = null;
  worker.onmessage = ({ data }: MessageEvent<ValidationReply>) => {
    if (data.id !== last) return;
    answer?.(data.failure === undefined ? data : failed("error", data.failure));
    answer = null;
  };
  worker.onerror = (event) => {
    answer?.(failed("warning", event.message));
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
