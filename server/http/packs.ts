/** Node packs: what is installed, and the code of their nodes for the browser. */
import { readFile } from "node:fs/promises";
import { packSchema } from "@distillery/shared/packs/pack";
import { z } from "zod";
import type { App, HttpContext } from "./context";
import { notFound } from "./problems";

export function packRoutes(app: App, { packs }: HttpContext): void {
  const tags = ["catalog"];
  app.get(
    "/api/packs",
    {
      schema: {
        summary: "Node packs of this server, the broken ones with the reason",
        tags,
        response: { 200: z.array(packSchema) },
      },
    },
    async () =>
      packs.map(({ name, version, description, nodes, url, problem }) => ({
        name,
        version,
        description,
        nodes,
        url,
        problem,
      })),
  );
  app.get(
    "/api/packs/:file",
    {
      schema: {
        summary: "The code of a pack's nodes, as an ES module",
        tags,
        params: z.object({ file: z.string().regex(/^[a-z0-9._-]{1,200}\.mjs$/, "not a file of a pack") }),
      },
    },
    async ({ params }, reply) => {
      const pack = packs.find(({ url }) => url === `/api/packs/${params.file}`);
      if (!pack?.file) throw notFound(`The pack file ${params.file}`);
      // Its name carries a hash of its contents.
      reply.headers({
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "private, max-age=31536000, immutable",
      });
      return reply.send(await readFile(pack.file));
    },
  );
}
