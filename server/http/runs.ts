import { PROFILE } from "@distillery/shared/profile/profile";
import { type RunEvent, runEventSchema } from "@distillery/shared/protocol/events";
import {
  changeRunSchema,
  profileRunSchema,
  runDetailSchema,
  runFacetsSchema,
  runFilterSchema,
  runRecordSchema,
  startBatchSchema,
  startRunSchema,
} from "@distillery/shared/protocol/rest";
import { z } from "zod";
import { CLIP_TYPES } from "../clips/animate";
import { FILM_FORMATS, trajectoryFilm } from "../clips/film";
import { type App, type HttpContext, idParams } from "./context";
import { answerFrame, FRAME_HELP, frameParams, frameQuerySchema } from "./frames";
import { notFound } from "./problems";

const tags = ["runs"];
const PAGE = 10_000;

export function runRoutes(app: App, { store, runs }: HttpContext): void {
  const graphOf = ({ graph, graphId }: { graph?: unknown; graphId?: string | undefined }): unknown => {
    if (graphId === undefined) return graph;
    const saved = store.graphs.get(graphId);
    if (saved === undefined) throw notFound(`Graph ${graphId}`);
    return saved.graph;
  };

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
      const { graphId, label, overrides, profile } = body;
      const record = await runs.start({ graph: graphOf(body), graphId, label, overrides, profile });
      return reply.code(201).header("location", `/api/runs/${record.id}`).send(record);
    },
  );

  app.get(
    "/api/runs",
    {
      schema: {
        summary: "Runs, newest first",
        tags,
        description: "One page; the next one is asked for with `before`, the last run of this one.",
        querystring: runFilterSchema,
        response: { 200: z.array(runRecordSchema) },
      },
    },
    async ({ query }) => store.runs.list(query),
  );

  app.post(
    "/api/runs/batch",
    {
      schema: {
        summary: "Run a graph with several seeds and parameter values",
        description:
          "Queues a run for every combination of the values, each with `seeds` seeds counted up from the graph's; all or none.",
        tags,
        body: startBatchSchema,
        response: { 201: z.array(runRecordSchema) },
      },
    },
    async ({ body }, reply) => {
      const { graphId, label, overrides, seeds, sweep } = body;
      const request = { graph: graphOf(body), graphId, label, overrides };
      return reply.code(201).send(await runs.startBatch(request, { seeds, sweep }));
    },
  );

  app.get(
    "/api/runs/facets",
    { schema: { summary: "What runs can be filtered by", tags, response: { 200: runFacetsSchema } } },
    async () => store.runs.facets(),
  );

  app.patch(
    "/api/runs/:id",
    {
      schema: {
        summary: "Label, note, tag or star a run",
        tags,
        params: idParams,
        body: changeRunSchema,
        response: { 200: runRecordSchema },
      },
    },
    async ({ params, body }) => {
      store.runs.mark(params.id, body);
      const record = store.runs.get(params.id);
      if (record === undefined) throw notFound(`Run ${params.id}`);
      return record;
    },
  );

  app.delete(
    "/api/runs/:id",
    { schema: { summary: "Delete a run that is over, with its curves, pictures and files", tags, params: idParams } },
    async ({ params }, reply) => {
      await runs.remove(params.id);
      return reply.code(204).send();
    },
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

  app.post(
    "/api/runs/:id/profile",
    {
      schema: {
        summary: "Measure the next steps of a run",
        description:
          `What every node's operations take, as a \`data\` event "${PROFILE}" once the steps are done; a run that has not begun ` +
          "measures its first ones.",
        tags,
        params: idParams,
        body: profileRunSchema,
        response: { 202: runRecordSchema },
      },
    },
    async ({ params, body }, reply) => reply.code(202).send(runs.profile(params.id, body.steps)),
  );

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
        response: { 200: z.array(runEventSchema) },
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
    "/api/runs/:id/trajectories/:node",
    {
      schema: {
        summary: "The trajectories of a viewer as a film",
        description:
          "An animated picture with a page for each kept step of training: the paths of one sample below each other.",
        tags,
        params: idParams.extend({ node: z.string().max(200) }),
        querystring: z.object({
          row: z.coerce.number().int().min(0).max(1000).default(0),
          format: z.enum(FILM_FORMATS).default("webp"),
          fps: z.coerce.number().min(1).max(30).default(4),
          cell: z.coerce.number().int().min(16).max(160).default(96),
        }),
      },
    },
    async ({ params: { id, node }, query: { row, format, fps, cell } }, reply) => {
      if (store.runs.get(id) === undefined) throw notFound(`Run ${id}`);
      const film = await trajectoryFilm(store, id, { node, row, format, framesPerSecond: fps, cell });
      if (film === undefined) throw notFound(`A trajectory of sample ${row + 1} at node ${node} in run ${id}`);
      return reply.header("content-type", CLIP_TYPES[format]).send(Buffer.from(film));
    },
  );

  app.get(
    "/api/runs/:id/frames/:seq",
    {
      schema: {
        summary: "A picture of a run",
        description: FRAME_HELP,
        tags,
        params: idParams.extend(frameParams.shape),
        querystring: frameQuerySchema,
      },
    },
    async ({ params, query }, reply) => {
      return answerFrame(store, { runId: params.id, seq: params.seq }, query, reply);
    },
  );
}
