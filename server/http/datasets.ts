import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import multipart from "@fastify/multipart";
import { z } from "zod";
import { ingestImages } from "../datasets/ingest";
import { IngestError } from "../datasets/limits";
import { preparedSafetensors, readPrepared } from "../datasets/prepared";
import { writeBytes } from "../files";
import { newId } from "../identifiers";
import { explainStorage } from "../store/database";
import { type App, type HttpContext, idParams } from "./context";
import { HttpProblem, notFound } from "./problems";
import { MAX_FILE_BYTES, MAX_FILES, receiveFiles } from "./receive";

const tags = ["datasets"];
const DEFAULT_SIZE = 32;
/** The file in a data set's folder that runs read. */
const IMAGES = "images.safetensors";

const datasetSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Side of its pictures in pixels. */
  size: z.number(),
  /** Of clips; absent where the samples are pictures. */
  frames: z.number().optional(),
  classes: z.array(z.string()),
  count: z.number(),
  createdAt: z.number(),
});
const uploadedSchema = datasetSchema.extend({
  captions: z.number(),
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
});
const reportSchema = z.object({
  captions: z.number(),
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
});
const fieldsSchema = z.object({
  name: z.string().trim().min(1).max(200).default("My images"),
  size: z.coerce.number().int().min(8).max(1024).default(DEFAULT_SIZE),
  frames: z.coerce.number().int().min(1).max(64).default(1),
  fit: z.enum(["cover", "contain"]).default("cover"),
});

export async function datasetRoutes(app: App, { store }: HttpContext): Promise<void> {
  const { registry, datasetFolder } = store;

  app.get(
    "/api/datasets",
    { schema: { summary: "Uploaded data sets", tags, response: { 200: z.array(datasetSchema) } } },
    async () => registry.datasets(),
  );

  app.get(
    "/api/datasets/:id",
    {
      schema: {
        summary: "An uploaded data set, and what was left out of it",
        tags,
        params: idParams,
        response: { 200: uploadedSchema },
      },
    },
    async ({ params }) => {
      const dataset = registry.dataset(params.id);
      if (dataset === undefined) throw notFound(`Data set ${params.id}`);
      return { ...dataset, ...reportSchema.parse(dataset.report) };
    },
  );

  app.delete(
    "/api/datasets/:id",
    { schema: { summary: "Delete a data set", tags, params: idParams } },
    async ({ params }, reply) => {
      if (!registry.removeDataset(params.id)) throw notFound(`Data set ${params.id}`);
      await rm(join(datasetFolder, params.id), { recursive: true, force: true });
      return reply.code(204).send();
    },
  );

  await app.register(async (scope) => {
    const limits = { fileSize: MAX_FILE_BYTES, files: MAX_FILES, fields: 16, fieldSize: 1000, parts: MAX_FILES + 16 };
    // Paths inside the data set say which class a picture belongs to.
    await scope.register(multipart, { limits, preservePath: true });
    scope.post(
      "/api/datasets",
      {
        schema: {
          summary: "Upload images (multipart)",
          description:
            "Fields `name`, `size` (side in pixels, default 32), `frames` (of a clip; 1 for pictures), `fit` (cover or contain); then one zip, or images as `files` whose file names are paths: the folder is the class, a .txt beside a picture its caption. Clips are animated GIF and WebP, MP4 and WebM where ffmpeg is installed, and folders of frames.",
          tags,
          consumes: ["multipart/form-data"],
        },
      },
      async (request, reply) => {
        if (!request.isMultipart())
          throw new HttpProblem(415, "Send the images as multipart/form-data: one zip, or single pictures.");
        const id = newId();
        const temporary = join(store.home, "tmp", id);
        try {
          await mkdir(temporary, { recursive: true });
          const { source, fields, skipped: refused } = await receiveFiles(request.parts(), join(temporary, "upload"));
          const settings = fieldsSchema.safeParse(fields);
          if (!settings.success)
            throw new HttpProblem(
              400,
              `${settings.error.issues[0]?.path.join(".")}: ${settings.error.issues[0]?.message}`,
            );
          const { name, size, frames, fit } = settings.data;
          const prepared = join(temporary, "prepared");
          const { classes, images, captions, skipped } = await ingestImages(source, prepared, { size, frames, fit });
          const folder = join(datasetFolder, id);
          await mkdir(folder, { recursive: true });
          await writeBytes(join(folder, IMAGES), preparedSafetensors(await readPrepared(prepared)));
          const left = skipped.map(({ path, reason }) => ({ file: path, reason }));
          const report = { captions, skipped: [...refused, ...left] };
          const clips = frames === 1 ? {} : { frames };
          const record = { id, name, size, ...clips, classes, count: images, createdAt: Date.now() };
          registry.addDataset({ ...record, report });
          return reply
            .code(201)
            .header("location", `/api/datasets/${id}`)
            .send({ ...record, ...report });
        } catch (error) {
          if (error instanceof IngestError) throw new HttpProblem(422, error.message);
          throw explainStorage(error, store.home);
        } finally {
          await rm(temporary, { recursive: true, force: true });
        }
      },
    );
  });
}
