import { artifactSchema } from "@distillery/shared/protocol/rest";
import { z } from "zod";
import { type App, type HttpContext, idParams } from "./context";
import { notFound } from "./problems";

const tags = ["artifacts"];

export function artifactRoutes(app: App, { store }: HttpContext): void {
  app.get(
    "/api/runs/:id/artifacts",
    { schema: { summary: "Files a run made", tags, params: idParams, response: { 200: z.array(artifactSchema) } } },
    async ({ params }) => {
      if (store.runs.get(params.id) === undefined) throw notFound(`Run ${params.id}`);
      return store.runs.artifacts(params.id).map(({ hash: _, ...artifact }) => artifact);
    },
  );

  app.get(
    "/api/runs/:id/artifacts/:name",
    { schema: { summary: "Download a file", tags, params: idParams.extend({ name: z.string().max(200) }) } },
    async ({ params }, reply) => {
      // Names are looked up, never used as paths.
      const artifact = store.runs.artifacts(params.id).find(({ name }) => name === params.name);
      if (artifact === undefined) throw notFound(`Artifact "${params.name}" of run ${params.id}`);
      return reply
        .headers({
          "content-type": artifact.mime,
          "content-length": artifact.bytes,
          "content-disposition": `attachment; filename="${artifact.name}"`,
        })
        .send(store.blobs.stream(artifact.hash));
    },
  );
}
