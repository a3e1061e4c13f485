/** Messages between the server and the process that runs one graph. Structured clone carries the binary parts. */
import { documentSchema } from "@distillery/shared/graph/document";
import { modelInfoSchema } from "@distillery/shared/graph/modelInfo";
import { deviceSchema, eventBodySchema, frameInfoSchema } from "@distillery/shared/protocol/events";
import { z } from "zod";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "not bytes");

/** Large contents travel as a file, because structured clone would hold them twice in both processes. */
export const payloadSchema = z.union([z.object({ bytes }), z.object({ file: z.string() })]);

export const tapSchema = z.object({ node: z.string(), socket: z.string(), every: z.number().int().min(1) });

export const startSchema = z.object({
  type: z.literal("start"),
  runId: z.string(),
  document: documentSchema,
  device: deviceSchema,
  steps: z.number().int().optional(),
  checkpointFile: z.string().optional(),
  /** Folder for large payloads on their way to the server. */
  temporaryFolder: z.string(),
  datasetFolder: z.string(),
  datasets: z.array(
    z.object({ id: z.string(), name: z.string(), size: z.number(), classes: z.array(z.string()), count: z.number() }),
  ),
  models: z.array(modelInfoSchema.extend({ file: z.string() })),
  results: z.array(z.object({ path: z.string(), file: z.string() })),
  taps: z.array(tapSchema),
});

export const toWorkerSchema = z.discriminatedUnion("type", [
  startSchema,
  z.object({ type: z.literal("pause") }),
  z.object({ type: z.literal("resume") }),
  z.object({ type: z.literal("cancel") }),
  /** Measure that many steps. */
  z.object({ type: z.literal("profile"), steps: z.number().int().min(1) }),
  z.object({ type: z.literal("taps"), taps: z.array(tapSchema) }),
  /** That many frames were taken: the worker may send as many more. */
  z.object({ type: z.literal("credit"), frames: z.number().int() }),
]);

export const summarySchema = z.object({
  status: z.enum(["done", "cancelled", "failed"]),
  steps: z.number(),
  seconds: z.number(),
  stepsPerSecond: z.number(),
  metrics: z.record(z.string(), z.number()),
  weightsSha256: z.string(),
  error: z.object({ message: z.string(), node: z.string().optional() }).optional(),
});

export const fromWorkerSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("heartbeat") }),
  z.object({ type: z.literal("paused") }),
  z.object({ type: z.literal("events"), events: z.array(eventBodySchema) }),
  /** Without bytes: the picture of that hash, sent before. */
  z.object({ type: z.literal("frame"), info: frameInfoSchema, image: bytes.nullable(), values: bytes.nullable() }),
  z.object({ type: z.literal("checkpoint"), step: z.number().int(), payload: payloadSchema }),
  z.object({ type: z.literal("artifact"), name: z.string(), mime: z.string(), payload: payloadSchema }),
  z.object({ type: z.literal("summary"), summary: summarySchema, threads: z.number() }),
]);

export type StartMessage = z.infer<typeof startSchema>;
export type ToWorker = z.infer<typeof toWorkerSchema>;
export type FromWorker = z.infer<typeof fromWorkerSchema>;
export type Payload = z.infer<typeof payloadSchema>;
export type WorkerSummary = z.infer<typeof summarySchema>;

/** Frames that may be on their way to the server at once. */
export const FRAME_WINDOW = 32;
