import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import {
  graphRecordSchema,
  graphSummarySchema,
  graphVersionSchema,
  validationSchema,
} from "@distillery/shared/protocol/rest";
import { z } from "zod";
import { type App, type HttpContext, idParams } from "./context";
import { HttpProblem, notFound } from "./problems";

const tags = ["graphs"];
/** A document, alone or as `{graph}`. */
const bodySchema = z.unknown().meta({ description: "A graph document, or an object with the document as `graph`." });
const etag = (revision: number): string => `"${revision}"`;

function unwrap(body: unknown): unknown {
  return typeof body === "object" && body !== null && "graph" in body && !("format" in body) ? body.graph : body;
}

/** A document that can be saved: well formed, though it need not be able to run yet. */
function readDocument(body: unknown): GraphDocument {
  const parsed = documentSchema.safeParse(unwrap(body));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 50).map((issue) => ({
    severity: "error" as const,
    code: "invalid-document",
    message: `${issue.path.join(".") || "document"}: ${issue.message}`,
  }));
  throw new HttpProblem(400, `This is not a graph document: ${issues[0]?.message ?? ""}`, issues);
}

/** Revision an `If-Match` header names; null for `*`. */
function expectedRevision(header: string | undefined): number | null {
  if (header === undefined)
    throw new HttpProblem(
      428,
      'Send If-Match with the revision you changed, e.g. If-Match: "3"; it is the ETag of GET.',
    );
  if (header.trim() === "*") return null;
  const revision = /^(?:W\/)?"?(\d+)"?$/.exec(header.trim())?.[1];
  // A tag this server never made matches nothing.
  return revision === undefined ? -1 : Number(revision);
}

export function graphRoutes(app: App, { store, runs }: HttpContext): void {
  const { graphs } = store;

  app.get(
    "/api/graphs",
    { schema: { summary: "Saved graphs, newest first", tags, response: { 200: z.array(graphSummarySchema) } } },
    async () => graphs.list(),
  );

  app.post(
    "/api/graphs",
    { schema: { summary: "Save a new graph", tags, body: bodySchema, response: { 201: graphRecordSchema } } },
    async ({ body }, reply) => {
      const record = graphs.create(readDocument(body));
      return reply
        .code(201)
        .headers({ etag: etag(record.revision), location: `/api/graphs/${record.id}` })
        .send(record);
    },
  );

  app.post(
    "/api/graphs/validate",
    {
      schema: { summary: "Everything wrong with a graph", tags, body: bodySchema, response: { 200: validationSchema } },
    },
    async ({ body }) => ({ issues: [...(await runs.validate(unwrap(body))).issues] }),
  );

  app.get(
    "/api/graphs/:id",
    { schema: { summary: "A saved graph", tags, params: idParams, response: { 200: graphRecordSchema } } },
    async ({ params }, reply) => {
      const record = graphs.get(params.id);
      if (record === undefined) throw notFound(`Graph ${params.id}`);
      return reply.header("etag", etag(record.revision)).send(record);
    },
  );

  app.put(
    "/api/graphs/:id",
    {
      schema: {
        summary: "Save over a revision",
        description:
          "Needs If-Match with the revision that was changed; when another one was saved meanwhile, 412 and nothing is lost.",
        tags,
        params: idParams,
        body: bodySchema,
        response: { 200: graphRecordSchema },
      },
    },
    async ({ params, body, headers }, reply) => {
      if (graphs.get(params.id) === undefined) throw notFound(`Graph ${params.id}`);
      const result = graphs.save(params.id, readDocument(body), expectedRevision(headers["if-match"]));
      if (result.kind === "missing") throw notFound(`Graph ${params.id}`);
      if (result.kind === "stale") {
        reply.header("etag", etag(result.revision));
        throw new HttpProblem(
          412,
          `This graph was saved elsewhere meanwhile (it is at revision ${result.revision}); reload it, or save yours as a new graph.`,
        );
      }
      return reply.header("etag", etag(result.record.revision)).send(result.record);
    },
  );

  app.delete(
    "/api/graphs/:id",
    { schema: { summary: "Delete a graph and its versions; runs and share links stay", tags, params: idParams } },
    async ({ params }, reply) => {
      if (!graphs.remove(params.id)) throw notFound(`Graph ${params.id}`);
      return reply.code(204).send();
    },
  );

  app.get(
    "/api/graphs/:id/versions",
    {
      schema: {
        summary: "Versions, newest first",
        tags,
        params: idParams,
        response: { 200: z.array(graphVersionSchema) },
      },
    },
    async ({ params }) => {
      if (graphs.get(params.id) === undefined) throw notFound(`Graph ${params.id}`);
      return graphs.versions(params.id);
    },
  );

  app.get(
    "/api/graphs/:id/versions/:revision",
    {
      schema: {
        summary: "A version with its document",
        tags,
        params: idParams.extend({ revision: z.coerce.number().int().min(1) }),
        response: { 200: graphVersionSchema },
      },
    },
    async ({ params }) => {
      const version = graphs.version(params.id, params.revision);
      if (version === undefined) throw notFound(`Revision ${params.revision} of graph ${params.id}`);
      return version;
    },
  );
}
