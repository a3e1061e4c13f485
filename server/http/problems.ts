/** Errors as RFC 9457 problem documents. */
import type { Issue } from "@distillery/shared/graph/document";
import type { Problem } from "@distillery/shared/protocol/rest";
import type { FastifyInstance, FastifyReply } from "fastify";
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from "fastify-type-provider-zod";
import { FfmpegError } from "../clips/ffmpeg";
import { PlaygroundRefused } from "../playground/refused";
import { RunRefused } from "../runs/admission";
import { StorageError } from "../store/database";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not authorised",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  410: "Gone",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Unsupported media type",
  422: "Cannot be processed",
  428: "Precondition required",
  429: "Too many requests",
  500: "Internal error",
  501: "Not available here",
  503: "Busy",
  507: "Storage is full",
};

/** Thrown by handlers; becomes the answer. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  constructor(
    readonly status: number,
    message: string,
    readonly issues?: readonly Issue[],
  ) {
    super(message);
  }
}

export const notFound = (what: string): HttpProblem => new HttpProblem(404, `${what} does not exist.`);

function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof RunRefused) {
    const status = { invalid: 422, missing: 404, conflict: 409 }[error.kind];
    return new HttpProblem(status, error.message, error.issues.length > 0 ? error.issues : undefined);
  }
  if (error instanceof PlaygroundRefused) {
    const status = { missing: 404, conflict: 409, invalid: 422, failed: 500, busy: 503 }[error.kind];
    return new HttpProblem(status, error.message);
  }
  if (error instanceof FfmpegError) return new HttpProblem(error.kind === "missing" ? 501 : 422, error.message);
  if (error instanceof StorageError) return new HttpProblem(507, error.message);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map((entry): Issue => {
      const where = entry.instancePath.replace(/^\//, "").replaceAll("/", ".");
      return {
        severity: "error",
        code: "invalid-request",
        message: `${where || error.validationContext}: ${entry.message}`,
      };
    });
    return new HttpProblem(400, issues[0]?.message ?? "The request is not valid.", issues);
  }
  if (isResponseSerializationError(error))
    return new HttpProblem(500, "The server made an answer that breaks its own contract.");
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500 && error instanceof Error)
    return new HttpProblem(status, clientMessage(error));
  return new HttpProblem(500, "Something went wrong in the server; its log says what.");
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

function clientMessage(error: Error): string {
  const code = "code" in error ? error.code : "";
  if (error instanceof SyntaxError || code === "FST_ERR_CTP_INVALID_JSON_BODY")
    return `The body is not valid JSON: ${error.message}`;
  if (code === "FST_ERR_CTP_EMPTY_JSON_BODY") return "The body is empty; send JSON.";
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return "Send JSON with the header content-type: application/json.";
  return error.message;
}

export function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  const body: Problem = {
    type: "about:blank",
    title: TITLES[problem.status] ?? "Error",
    status: problem.status,
    detail: problem.message,
    ...(problem.issues === undefined ? {} : { issues: [...problem.issues] }),
  };
  // Written by hand: a route's own response schema does not describe its problems.
  return reply
    .code(problem.status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);
}

export function installProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error({ err: error }, problem.message);
    return sendProblem(reply, problem);
  });
}
