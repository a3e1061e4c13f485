import { documentSchema } from "@distillery/shared/graph/document";
import { z } from "zod";
import { type App, type HttpContext, idParams } from "./context";
import { notFound } from "./problems";

const tags = ["sharing"];

export function shareRoutes(app: App, { store }: HttpContext): void {
  app.post(
    "/api/graphs/:id/share",
    {
      schema: {
        summary: "A read-only link to the graph as it is now",
        tags,
        params: idParams,
        response: { 200: z.object({ slug: z.string(), url: z.string() }) },
      },
    },
    async ({ params }) => {
      const slug = store.graphs.share(params.id);
      if (slug === undefined) throw notFound(`Graph ${params.id}`);
      return { slug, url: `/shared/${slug}` };
    },
  );

  app.get(
    "/api/shared/:slug",
    {
      schema: {
        summary: "A shared graph",
        tags,
        params: z.object({ slug: z.string().regex(/^[0-9a-z]{1,64}$/, "not a share link") }),
        response: {
          200: z.object({ slug: z.string(), name: z.string(), sharedAt: z.number(), graph: documentSchema }),
        },
      },
    },
    async ({ params }) => {
      const shared = store.graphs.shared(params.slug);
      if (shared === undefined) throw notFound("This share link");
      return { slug: params.slug, ...shared };
    },
  );
}
