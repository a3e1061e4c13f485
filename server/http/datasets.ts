import { z } from "zod";
import { type App, type HttpContext, idParams } from "./context";
import { notFound } from "./problems";

const tags = ["datasets"];
const datasetSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Width and height of its pictures in pixels. */
  size: z.number(),
  classes: z.array(z.string()),
  count: z.number(),
  createdAt: z.number(),
  /** What was taken, and what was skipped and why. */
  report: z.unknown(),
});

export async function datasetRoutes(app: App, { store }: HttpContext): Promise<void> {
  const { registry } = store;
  app.get(
    "/api/datasets",
    { schema: { summary: "Uploaded data sets", tags, response: { 200: z.array(datasetSchema) } } },
    async () => registry.datasets(),
  );
  app.get(
    "/api/datasets/:id",
    { schema: { summary: "An uploaded data set", tags, params: idParams, response: { 200: datasetSchema } } },
    async ({ params }) => {
      const dataset = registry.dataset(params.id);
      if (dataset === undefined) throw notFound(`Data set ${params.id}`);
      return dataset;
    },
  );
}
