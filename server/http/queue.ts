import { queueEntrySchema, queueOrderSchema } from "@distillery/shared/protocol/rest";
import { z } from "zod";
import type { App, HttpContext } from "./context";

const tags = ["runs"];
const response = { 200: z.array(queueEntrySchema) };

export function queueRoutes(app: App, { runs }: HttpContext): void {
  app.get(
    "/api/queue",
    { schema: { summary: "Runs that compute, wait or are paused, in their order", tags, response } },
    async () => runs.queued(),
  );

  app.put(
    "/api/queue",
    {
      schema: {
        summary: "Change the order of the waiting runs",
        description:
          "Those named go first, in this order; the others follow as they were. Runs that wait no more are passed over.",
        tags,
        body: queueOrderSchema,
        response,
      },
    },
    async ({ body }) => {
      runs.reorder(body.order);
      return runs.queued();
    },
  );
}
