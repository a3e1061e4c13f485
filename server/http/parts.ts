import { partRecordSchema, partSchema, partSummarySchema } from "@distillery/shared/protocol/parts";
import { z } from "zod";
import { type App, type HttpContext, idParams } from "./context";
import { HttpProblem, notFound } from "./problems";

const tags = ["parts"];

export function partRoutes(app: App, { store: { parts } }: HttpContext): void {
  app.get(
    "/api/parts",
    {
      schema: {
        summary: "Subgraphs kept to be used in other graphs",
        tags,
        response: { 200: z.array(partSummarySchema) },
      },
    },
    async () => parts.list(),
  );

  app.post(
    "/api/parts",
    { schema: { summary: "Keep a subgraph", tags, body: partSchema, response: { 201: partRecordSchema } } },
    async ({ body }, reply) => {
      const record = parts.create(body);
      return reply.code(201).header("location", `/api/parts/${record.id}`).send(record);
    },
  );

  app.get(
    "/api/parts/:id",
    { schema: { summary: "A part as it is now", tags, params: idParams, response: { 200: partRecordSchema } } },
    async ({ params }) => {
      const record = parts.get(params.id);
      if (record === undefined) throw notFound(`Part ${params.id}`);
      return record;
    },
  );

  app.put(
    "/api/parts/:id",
    {
      schema: {
        summary: "Save the next revision of a part",
        description:
          "`revision` is the one that was changed; when there is another meanwhile, 412 and nothing is lost.",
        tags,
        params: idParams,
        body: z.strictObject({ revision: z.number().int().min(1), part: partSchema }),
        response: { 200: partRecordSchema },
      },
    },
    async ({ params, body }) => {
      const saved = parts.save(params.id, body.part, body.revision);
      if (saved === undefined) throw notFound(`Part ${params.id}`);
      if ("stale" in saved)
        throw new HttpProblem(
          412,
          `This part was saved elsewhere meanwhile (it is at revision ${saved.stale}); update yours first, or keep it as a new part.`,
        );
      return saved;
    },
  );

  app.delete(
    "/api/parts/:id",
    { schema: { summary: "Forget a part; graphs that use it keep their copies", tags, params: idParams } },
    async ({ params }, reply) => {
      if (!parts.remove(params.id)) throw notFound(`Part ${params.id}`);
      return reply.code(204).send();
    },
  );
}
