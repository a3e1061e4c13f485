/** What went wrong with a request, in words for people. */
import type { Issue } from "@distillery/shared/graph/document";
import { problemSchema } from "@distillery/shared/protocol/rest";
import { say } from "../language";

const words = say.api;

/** The server could not be reached at all. */
export const OFFLINE = 0;

export class ApiError extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    readonly issues: readonly Issue[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
  get isOffline(): boolean {
    return this.status === OFFLINE;
  }
  get isConflict(): boolean {
    return this.status === 412 || this.status === 409;
  }
}

/** Turns an answer that is not a success into one readable error. */
export async function errorFromResponse(response: Response, what: string): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const problem = problemSchema.safeParse(body);
  if (problem.success) {
    const { title, detail, issues = [] } = problem.data;
    return new ApiError(detail || title, response.status, issues);
  }
  if (response.status === 401 || response.status === 403) return new ApiError(words.needsToken, response.status);
  return new ApiError(words.failed(what, `${response.status} ${response.statusText}`), response.status);
}

export const offlineError = (): ApiError => new ApiError(words.offline, OFFLINE);

/** One line for a notice, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
