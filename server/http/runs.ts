import { eventBodySchema, type RunEvent } from "@distillery/shared/protocol/events";
import { runDetailSchema, runRecordSchema, startRunSchema } from "@distillery/shared/protocol/rest";
import { z } from "zod";
import { animate, CLIP_FORMATS, CLIP_TYPES } from "../clips/animate";
import { type App, type HttpContext, idParams } from "./context";
import { HttpProblem, notFound } from "./problems";

const tags = ["runs"];
const PAGE = 10_000;
const eventSchema = z.intersection(eventBodySchema, z.object({ seq: z.number().int(), time: z.number() }));

/** Pixels of one side of a clip file, at most. */
const MAX_SIDE = 2048;

/** `scale`, or less for large clips. */
const fitting = (shape: readonly number[], scale: number): number =>
  Math.max(1, Math.min(scale, Math.floor(MAX_SIDE / Math.max(...shape.slice(-2)))));

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
        description:
          "The image (of a clip, its frames below each other); with format=raw the float32 values (little endian), their shape " +
          "in the header x-shape; with gif, webp or mp4 a file that plays, mp4 only where ffmpeg is installed.",
        tags,
        params: idParams.extend({ seq: z.coerce.number().int().min(1) }),
        querystring: z.object({
          format: z.enum(["image", "raw", ...CLIP_FORMATS]).default("image"),
          fps: z.coerce.number().min(1).max(60).default(8),
          scale: z.coerce.number().int().min(1).max(32).default(8),
        }),
      },
    },
    async ({ params, query }, reply) => {
      const frame = store.frames.get(params.id, params.seq);
      if (frame === undefined) {
        if (store.runs.event(params.id, params.seq)?.type !== "frame")
          throw notFound(`Frame ${params.seq} of run ${params.id}`);
        throw new HttpProblem(410, `Frame ${params.seq} was removed to keep the run within its disk budget.`);
      }
      const cached = "private, max-age=31536000, immutable";
      if (query.format === "raw") {
        reply.headers({
          "content-type": "application/octet-stream",
          "x-shape": JSON.stringify(frame.shape),
          "x-dtype": "float32",
          "cache-control": cached,
        });
        return reply.send(Buffer.from(await frame.read("values")));
      }
      if (query.format !== "image") {
        const { format, fps, scale } = query;
        const values = new Float32Array((await frame.read("values")).slice().buffer);
        const file = await animate(values, frame.shape, {
          format,
          framesPerSecond: fps,
          scale: fitting(frame.shape, scale),
        });
        reply.headers({ "content-type": CLIP_TYPES[format], "cache-control": cached });
        return reply.send(Buffer.from(file));
      }
      reply.headers({ "content-type": `image/${frame.format}`, "cache-control": cached });
      return reply.send(Buffer.from(await frame.read("image")));
    },
  );
}
