import { z } from "zod";
import { describeLibrary, nodeTypeSchema, templateSchema, templates } from "../graph/catalog";
import type { App, HttpContext } from "./context";
import { notFound } from "./problems";

export function catalogRoutes(app: App, { library }: HttpContext): void {
  const nodeTypes = describeLibrary(library);
  app.get(
    "/api/node-types",
    { schema: { summary: "Every node of the library", tags: ["catalog"], response: { 200: z.array(nodeTypeSchema) } } },
    async () => nodeTypes,
  );
  app.get(
    "/api/templates",
    { schema: { summary: "Graphs to begin with", tags: ["catalog"], response: { 200: z.array(templateSchema) } } },
    async () => [...templates],
  );
  app.get(
    "/api/templates/:id",
    {
      schema: {
        summary: "One template",
        tags: ["catalog"],
        params: z.object({ id: z.string().max(128) }),
        response: { 200: templateSchema },
      },
    },
    async ({ params }) => {
      const template = templates.find((entry) => entry.id === params.id);
      if (template === undefined) throw notFound(`Template "${params.id}"`);
      return template;
    },
  );
}
