import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelInfoSchema } from "@distillery/shared/graph/modelInfo";
import multipart, { type MultipartFile } from "@fastify/multipart";
import { z } from "zod";
import { bundledFiles } from "../bundled";
import { newId } from "../identifiers";
import { askProbe } from "../onnx/devices";
import type { ModelRecord } from "../store/registry";
import type { App, HttpContext } from "./context";
import { HttpProblem, notFound } from "./problems";

const tags = ["models"];
const MAX_BYTES = 512 * 2 ** 20;
const LOAD_MILLISECONDS = 60_000;

const portsSchema = modelInfoSchema.pick({ inputs: true, outputs: true });
/** Bundled models have no time of their own. */
const modelSchema = modelInfoSchema.extend({ createdAt: z.number() });

/** An uploaded model's id, or the name of one that ships with the product. */
const modelParams = z.object({ id: z.string().regex(/^(bundled:[a-z0-9-]{1,64}|[0-9a-z]{1,64})$/, "not an id") });

export async function modelRoutes(app: App, { store }: HttpContext): Promise<void> {
  const { registry, blobs } = store;
  const describe = ({ hash: _, ...model }: ModelRecord) => model;
  const bundled = bundledFiles().map(({ file: _, ...model }) => ({ ...model, createdAt: 0 }));

  app.get(
    "/api/models",
    {
      schema: {
        summary: "Uploaded networks, newest first, and those that ship with the server",
        tags,
        response: { 200: z.array(modelSchema) },
      },
    },
    async () => [...registry.models().map(describe), ...bundled],
  );

  app.get(
    "/api/models/:id",
    { schema: { summary: "One network", tags, params: modelParams, response: { 200: modelSchema } } },
    async ({ params }) => {
      const model = registry.model(params.id);
      const found = model === undefined ? bundled.find(({ id }) => id === params.id) : describe(model);
      if (found === undefined) throw notFound(`Model ${params.id}`);
      return found;
    },
  );

  app.delete(
    "/api/models/:id",
    { schema: { summary: "Delete a network", tags, params: modelParams } },
    async ({ params }, reply) => {
      if (bundled.some(({ id }) => id === params.id))
        throw new HttpProblem(409, "This model ships with the server and cannot be deleted.");
      const model = registry.model(params.id);
      if (model === undefined || !registry.removeModel(params.id)) throw notFound(`Model ${params.id}`);
      if (!store.runs.isBlobUsed(model.hash)) await blobs.remove(model.hash);
      return reply.code(204).send();
    },
  );

  await app.register(async (scope) => {
    await scope.register(multipart, { limits: { fileSize: MAX_BYTES, files: 1, fields: 8, parts: 16 } });
    scope.post(
      "/api/models",
      { schema: { summary: "Upload an ONNX file (multipart, field `file`)", tags, consumes: ["multipart/form-data"] } },
      async (request, reply) => {
        if (!request.isMultipart()) throw new HttpProblem(415, "Send the file as multipart/form-data, field `file`.");
        const file = await request.file();
        if (file === undefined) throw new HttpProblem(400, "The upload has no file.");
        const bytes = await readOnnx(file);
        const ports = await inspect(bytes, join(store.home, "tmp"));
        const record = {
          id: newId(),
          name: givenName(file) ?? plainName(file.filename),
          bytes: bytes.byteLength,
          ...ports,
          createdAt: Date.now(),
          hash: await blobs.put(bytes),
        };
        registry.addModel(record);
        return reply.code(201).header("location", `/api/models/${record.id}`).send(describe(record));
      },
    );
  });
}

async function readOnnx(file: MultipartFile): Promise<Buffer> {
  if (!/\.onnx$/i.test(file.filename))
    throw new HttpProblem(415, `"${plainName(file.filename)}" is not an .onnx file; other formats are refused.`);
  const bytes = await file.toBuffer();
  if (file.file.truncated) throw new HttpProblem(413, `The model is larger than ${MAX_BYTES / 2 ** 20} MB.`);
  return bytes;
}

/** Loads the model in a process of its own and in an empty folder: external data is not available to it. */
async function inspect(bytes: Buffer, temporary: string): Promise<z.infer<typeof portsSchema>> {
  const folder = join(temporary, randomUUID());
  const path = join(folder, "model.onnx");
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, bytes);
    const answer = await askProbe(["model", path], process.env, LOAD_MILLISECONDS);
    if (answer.error !== undefined)
      throw new HttpProblem(422, `ONNX Runtime cannot load this model: ${answer.error.replaceAll(path, "model.onnx")}`);
    return portsSchema.parse(answer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The field `name`, when it came before the file. */
function givenName({ fields }: MultipartFile): string | undefined {
  const field = fields.name;
  if (field === undefined || Array.isArray(field) || field.type !== "field") return undefined;
  return typeof field.value === "string" && field.value.trim() !== "" ? field.value.trim().slice(0, 200) : undefined;
}

const plainName = (name: string): string => name.replace(/^.*[\\/]/, "").slice(0, 200);
