/** One place where requests leave the browser and answers are checked. */
import type { z } from "zod";
import { say } from "../language";
import { accessToken } from "./accessToken";
import { ApiError, errorFromResponse, offlineError } from "./apiError";

const words = say.api;

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * Sends a request and returns the answer as it came.
 * @throws ApiError with the server's own words, or a plain line when it cannot be reached.
 */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = "GET", body, signal } = options;
  const headers: Record<string, string> = { ...options.headers };
  if (body !== undefined) headers["content-type"] = "application/json";
  const token = accessToken();
  if (token) headers.authorization = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw offlineError();
  }
  // A development proxy answers for a server that is down.
  if (response.status === 502 || response.status === 504) throw offlineError();
  if (!response.ok) throw await errorFromResponse(response, `${method} ${path}`);
  return response;
}

/** Sends a request and parses the answer by `schema`. */
export async function request<T>(path: string, schema: z.ZodType<T>, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  const body: unknown = await response.json().catch(() => undefined);
  return parseAnswer(schema, body, `${options.method ?? "GET"} ${path}`);
}

/** @throws ApiError naming the first field that does not fit. */
export function parseAnswer<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `"${issue.path.join(".")}": ` : "";
  throw new ApiError(words.unclear(what, `${where}${issue?.message ?? words.noBody}`), 200);
}
