import { playgroundInfoSchema, stylizedSchema, stylizeSchema } from "@distillery/shared/protocol/playground";
import { z } from "zod";
import type { App, HttpContext } from "./context";

const tags = ["playground"];

export function playgroundRoutes(app: App, { playground }: HttpContext): void {
  app.get(
    "/api/playground",
    {
      schema: {
        summary: "What a run's networks can restyle, and how",
        description: "Without `run`: the bundled teacher alone.",
        tags,
        querystring: z.object({ run: z.string().max(64).optional() }),
        response: { 200: playgroundInfoSchema },
      },
    },
    async ({ query }) => playground.info(query.run),
  );

  app.get(
    "/api/playground/examples/:id.png",
    {
      schema: {
        summary: "A held-out emoji, drawn in a style",
        tags,
        params: z.object({ id: z.string().max(100) }),
        querystring: z.object({ style: z.string().max(200) }),
      },
    },
    async ({ params, query }, reply) => {
      const png = await playground.example(params.id, query.style, 64);
      return reply.headers({ "content-type": "image/png", "cache-control": "private, max-age=86400" }).send(png);
    },
  );

  app.post(
    "/api/playground",
    {
      schema: {
        summary: "Restyle a picture with teacher and student",
        description:
          "Noises the picture to the share `eta` and denoises it as `style`; every state on the way comes back. Guidance scales are w of p = c + w (c - u), 0 for none. Requests are worked on one after another.",
        tags,
        body: stylizeSchema,
        response: { 200: stylizedSchema },
      },
    },
    async ({ body }, reply) => {
      const given = new AbortController();
      reply.raw.on("close", () => given.abort());
      return playground.stylize(body, given.signal);
    },
  );
}
