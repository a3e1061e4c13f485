import { MEDIA } from "@distillery/nodes/templates/methods";
import { arenaCsv } from "@distillery/shared/arena/export";
import { plannedSteps } from "@distillery/shared/compile/duration";
import {
  type Arena,
  type ArenaResult,
  arenaSchema,
  arenaSpecSchema,
  arenaSummarySchema,
} from "@distillery/shared/protocol/arena";
import { arenaLinkSchema, shareExpirySchema } from "@distillery/shared/protocol/shares";
import { z } from "zod";
import { methodTemplates } from "../arena/methods";
import { arenaPlot } from "../arena/plot";
import { arenaMarkdown } from "../arena/report";
import { arenaSheet } from "../arena/sheet";
import { type App, type HttpContext, idParams } from "./context";
import { answerFrame, FRAME_HELP, frameParams, frameQuerySchema } from "./frames";
import { notFound } from "./problems";
import { expiryOf, linkIsGone, slugParams } from "./shares";

const tags = ["arena"];
const FILES = ["csv", "md", "png", "pictures"] as const;

export function arenaRoutes(app: App, { arenas, library, store }: HttpContext): void {
  const found = (id: string): Arena => {
    const arena = arenas.get(id);
    if (arena === undefined) throw notFound(`Arena ${id}`);
    return arena;
  };
  const methods = methodTemplates().map(({ title, medium, template: { id, description, graph } }) => {
    return { template: id, title, medium, description, updates: plannedSteps(graph, library) };
  });

  app.get(
    "/api/arena-methods",
    {
      schema: {
        summary: "Templates that are methods to compare, in the order of the table",
        tags,
        response: {
          200: z.array(
            z.object({
              template: z.string(),
              title: z.string(),
              medium: z.enum(MEDIA),
              description: z.string(),
              updates: z.number().int(),
            }),
          ),
        },
      },
    },
    async () => methods,
  );

  app.post(
    "/api/arenas",
    {
      schema: {
        summary: "Start an arena",
        description:
          "Trains every method with every seed and scores it on the same held-out pictures. Results that are there already are taken " +
          "as they are; the same arena again is the one there is, and goes on where it stopped.",
        tags,
        body: arenaSpecSchema,
        response: { 201: arenaSchema },
      },
    },
    async ({ body }, reply) => {
      const arena = await arenas.start(body);
      return reply.code(201).header("location", `/api/arenas/${arena.id}`).send(arena);
    },
  );

  app.get(
    "/api/arenas",
    { schema: { summary: "Arenas, newest first", tags, response: { 200: z.array(arenaSummarySchema) } } },
    async () => arenas.list(),
  );

  app.get(
    "/api/arenas/:id",
    { schema: { summary: "An arena with its results so far", tags, params: idParams, response: { 200: arenaSchema } } },
    async ({ params }) => found(params.id),
  );

  app.delete(
    "/api/arenas/:id",
    { schema: { summary: "Delete an arena and its link; runs and results stay", tags, params: idParams } },
    async ({ params }, reply) => {
      arenas.remove(params.id);
      return reply.code(204).send();
    },
  );

  app.post(
    "/api/arenas/:id/cancel",
    {
      schema: {
        summary: "Stop an arena; what was trained so far is kept",
        tags,
        params: idParams,
        response: { 200: arenaSchema },
      },
    },
    async ({ params }) => arenas.cancel(params.id),
  );

  app.post(
    "/api/arenas/:id/resume",
    {
      schema: {
        summary: "Go on with a stopped arena, and try again what failed",
        tags,
        params: idParams,
        response: { 200: arenaSchema },
      },
    },
    async ({ params }) => arenas.resume(params.id),
  );

  app.get(
    "/api/arenas/:id/export/:format",
    {
      schema: {
        summary: "An arena as a file",
        description: "csv: every seed's numbers; md: the tables; png: the plot; pictures: the picture grid as PNG.",
        tags,
        params: idParams.extend({ format: z.enum(FILES) }),
      },
    },
    async ({ params }, reply) => {
      const arena = found(params.id);
      const { body, mime, name } = await fileOf(arena, params.format);
      if (body === undefined) throw notFound(`A picture of arena ${params.id}`);
      return reply
        .headers({ "content-type": mime, "content-disposition": `attachment; filename="${name}"` })
        .send(typeof body === "string" ? body : Buffer.from(body));
    },
  );

  async function fileOf(arena: Arena, format: (typeof FILES)[number]) {
    switch (format) {
      case "csv":
        return { body: arenaCsv(arena), mime: "text/csv; charset=utf-8", name: "arena.csv" };
      case "md":
        return { body: arenaMarkdown(arena), mime: "text/markdown; charset=utf-8", name: "arena.md" };
      case "png":
        return { body: await arenaPlot(arena), mime: "image/png", name: "arena.png" };
      case "pictures":
        return { body: await arenaSheet(arena, store), mime: "image/png", name: "arena-pictures.png" };
    }
  }

  app.post(
    "/api/arenas/:id/share",
    {
      schema: {
        summary: "A read-only link to the arena",
        description: "One link for each arena; asking again changes when it expires, if the request says so.",
        tags,
        params: idParams,
        body: shareExpirySchema.nullish(),
        response: { 200: arenaLinkSchema },
      },
    },
    async ({ params, body }) => {
      const { slug, expiresAt } = store.arenas.share(found(params.id).id, expiryOf(body?.expiresInDays));
      return { slug, url: `/arena/shared/${slug}`, expiresAt };
    },
  );

  app.delete(
    "/api/arenas/:id/share",
    { schema: { summary: "Revoke the link to an arena", tags, params: idParams } },
    async ({ params }, reply) => {
      store.arenas.unshare(found(params.id).id);
      return reply.code(204).send();
    },
  );

  app.get(
    "/api/shared-arenas/:slug",
    { schema: { summary: "A shared arena", tags, params: slugParams, response: { 200: arenaSchema } } },
    async ({ params }) => sharedArena(params.slug),
  );

  app.get(
    "/api/shared-arenas/:slug/runs/:id/frames/:seq",
    {
      schema: {
        summary: "A picture that a shared arena shows",
        description: FRAME_HELP,
        tags,
        params: slugParams.extend(idParams.shape).extend(frameParams.shape),
        querystring: frameQuerySchema,
      },
    },
    async ({ params: { slug, id, seq }, query }, reply) => {
      const shows = sharedArena(slug).entries.some(
        ({ result }) => result?.evaluationRunId === id && picturesIn(result).includes(seq),
      );
      if (!shows) throw notFound(`Frame ${seq} under this link`);
      return answerFrame(store, { runId: id, seq }, query, reply);
    },
  );

  function sharedArena(slug: string): Arena {
    const arena = arenas.shared(slug);
    if (arena === undefined) throw linkIsGone();
    return arena;
  }
}

const picturesIn = ({ pictures: { source, answer, results } }: ArenaResult): (number | null)[] => [
  source,
  answer,
  ...results.map(({ seq }) => seq),
];
