import { z } from "zod";
import {
  describeLibrary,
  nodeTypeSchema,
  templateSchema,
  templates,
  templateWith,
  UnknownPreset,
} from "../graph/catalog";
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
        summary: "One template, as it is or with one of its presets",
        tags: ["catalog"],
        params: z.object({ id: z.string().max(128) }),
        querystring: z.strictObject({ preset: z.string().max(128).optional() }),
        response: { 200: templateSchema },
      },
    },
    async ({ params, query }) => {
      const template = templates.find((entry) => entry.id === params.id);
      if (template === undefined) throw notFound(`Template "${params.id}"`);
      try {
        return templateWith(template, query.preset, library);
      } catch (error) {
        if (error instanceof UnknownPreset) throw notFound(`Preset "${query.preset}"`);
        throw error;
      }
    },
  );
}
