import { eventBodySchema, type RunEvent } from "@distillery/shared/protocol/events";
import { runDetailSchema, runRecordSchema, startRunSchema } from "@distillery/shared/protocol/rest";
import { z } from "zod";
import { type App, type HttpContext, idParams } from "./context";
import { answerFrame, FRAME_HELP, frameQuerySchema } from "./frames";
import { notFound } from "./problems";

const tags = ["runs"];
const PAGE = 10_000;
const eventSchema = z.intersection(eventBodySchema, z.object({ seq: z.number().int(), time: z.number() }));

export function runRoutes(app: App, { store, runs }: HttpContext): void {
  app.post(
    "/api/runs",
    {
      schema: {
        summary: "Run a graph",
        description:
          "Give the document as `graph`, or a saved one as `graphId`. Overrides change it for this run only.",
        tags,
        body: startRunSchema,
        response: { 201: runRecordSchema },
      },
    },
    async ({ body }, reply) => {
      let { graph } = body;
      if (body.graphId !== undefined) {
        const saved = store.graphs.get(body.graphId);
        if (saved === undefined) throw notFound(`Graph ${body.graphId}`);
        graph = saved.graph;
      }
      const { graphId, label, overrides } = body;
      const record = await runs.start({ graph, graphId, label, overrides });
      return reply.code(201).header("location", `/api/runs/${record.id}`).send(record);
    },
  );

  app.get(
    "/api/runs",
    {
      schema: {
        summary: "Runs, newest first",
        tags,
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(1000).default(200),
          graphId: z.string().max(64).optional(),
        }),
        response: { 200: z.array(runRecordSchema) },
      },
    },
    async ({ query }) => store.runs.list(query.limit, query.graphId),
  );

  app.get(
    "/api/runs/:id",
    {
      schema: {
        summary: "A run, with the document that ran",
        tags,
        params: idParams,
        response: { 200: runDetailSchema },
      },
    },
    async ({ params }) => {
      const detail = store.runs.detail(params.id);
      if (detail === undefined) throw notFound(`Run ${params.id}`);
      return detail;
    },
  );

  for (const action of ["pause", "resume", "cancel"] as const) {
    app.post(
      `/api/runs/:id/${action}`,
      {
        schema: {
          summary: `${action[0]?.toUpperCase()}${action.slice(1)} a run`,
          tags,
          params: idParams,
          response: { 200: runRecordSchema },
        },
      },
      async ({ params }) => runs[action](params.id),
    );
  }

  app.get(
    "/api/runs/:id/events",
    {
      schema: {
        summary: "The event log from a point on",
        tags,
        params: idParams,
        querystring: z.object({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(PAGE).default(PAGE),
        }),
        response: { 200: z.array(eventSchema) },
      },
    },
    async ({ params, query }, reply): Promise<RunEvent[]> => {
      if (store.runs.get(params.id) === undefined) throw notFound(`Run ${params.id}`);
      const events = runs.log.read(params.id, query.after, query.limit);
      const last = events.at(-1);
      if (last !== undefined && events.length === query.limit)
        reply.header("link", `</api/runs/${params.id}/events?after=${last.seq}&limit=${query.limit}>; rel="next"`);
      return events;
    },
  );

  app.get(
    "/api/runs/:id/frames/:seq",
    {
      schema: {
        summary: "A picture of a run",
        description: FRAME_HELP,
        tags,
        params: idParams.extend({ seq: z.coerce.number().int().min(1) }),
        querystring: frameQuerySchema,
      },
    },
    async ({ params, query }, reply) => {
      return answerFrame(store, { runId: params.id, seq: params.seq }, query, reply);
    },
  );
}
