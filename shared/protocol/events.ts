/** The event log of a run: totally ordered by `seq` (from 1), persisted, and streamed over socket.io. */
import { z } from "zod";

export const RUN_STATUSES = [
  "queued",
  "starting",
  "running",
  "paused",
  /** Asked to stop; it ends after the step it is at. */
  "cancelling",
  "done",
  "failed",
  "cancelled",
] as const;
export const runStatusSchema = z.enum(RUN_STATUSES);
export type RunStatus = z.infer<typeof runStatusSchema>;
export const isFinal = (status: RunStatus): boolean =>
  status === "done" || status === "failed" || status === "cancelled";

export const DEVICES = ["cpu", "webgpu", "cuda"] as const;
export const deviceSchema = z.enum(DEVICES);
export type Device = z.infer<typeof deviceSchema>;

export const tensorStatsSchema = z.object({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  std: z.number(),
  nan: z.number().int(),
  inf: z.number().int(),
});
export type TensorStats = z.infer<typeof tensorStatsSchema>;

/** What a frame shows; the picture itself is fetched by `seq` or arrives in the `frame` message. */
export const frameInfoSchema = z.object({
  step: z.number().int(),
  /** Node that shows it (a viewer) or, for a tap, the node the wire leaves. */
  node: z.string(),
  socket: z.string(),
  /** Sample of the batch; 2-D states carry the whole batch in row 0. */
  row: z.number().int(),
  /** Timestep 0..T-1; null for clean samples. */
  t: z.number().nullable(),
  /** Position along the path, 0 at the start; absent when not on a path. */
  column: z.number().int().optional(),
  /** How many columns the path has. */
  columns: z.number().int().optional(),
  /** Shape of the raw values. */
  shape: z.array(z.number().int()),
  stats: tensorStatsSchema,
  format: z.enum(["webp", "png"]),
  tap: z.boolean().optional(),
  /** Of the values: frames of one run with the same hash are the same picture, sent and stored once. */
  hash: z.string().optional(),
});
export type FrameInfo = z.infer<typeof frameInfoSchema>;

/** Event bodies as a worker makes them; the server adds `seq` and `time`. */
export const eventBodySchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("status"),
    status: runStatusSchema,
    message: z.string().optional(),
    node: z.string().optional(),
  }),
  /** Compiled: how big the stages are. */
  z.object({
    type: z.literal("compiled"),
    milliseconds: z.number(),
    stages: z.array(z.object({ name: z.string(), nodes: z.number(), parameters: z.number() })),
    steps: z.number(),
  }),
  /** Training progress, thinned to a few per second; first and last step are always there. Series by `node.name`. */
  z.object({
    type: z.literal("step"),
    step: z.number().int(),
    steps: z.number().int(),
    stepsPerSecond: z.number(),
    series: z.record(z.string(), z.number()),
  }),
  /** A stage of training begins (or goes on): which of how many, and the steps of the run it takes. */
  z.object({
    type: z.literal("stage"),
    step: z.number().int(),
    node: z.string(),
    title: z.string(),
    index: z.number().int(),
    count: z.number().int(),
    begin: z.number().int(),
    end: z.number().int(),
  }),
  /** A metric measured now and then (trajectory error, ...). */
  z.object({
    type: z.literal("metric"),
    step: z.number().int(),
    node: z.string(),
    name: z.string(),
    value: z.number(),
  }),
  /** Small JSON a node wants drawn (bank histogram, ...). */
  z.object({ type: z.literal("data"), step: z.number().int(), node: z.string(), name: z.string(), value: z.json() }),
  /** What a node is doing. */
  z.object({
    type: z.literal("node"),
    node: z.string(),
    state: z.enum(["idle", "running", "done", "error"]),
    milliseconds: z.number().optional(),
    message: z.string().optional(),
  }),
  z.object({ type: z.literal("frame"), ...frameInfoSchema.shape }),
  /** Pictures of these steps were removed, to stay within the disk budget of this run or of all of them. */
  z.object({
    type: z.literal("thinned"),
    steps: z.array(z.number().int()),
    tap: z.boolean(),
    bytes: z.number(),
    scope: z.enum(["run", "all"]),
  }),
  z.object({ type: z.literal("checkpoint"), step: z.number().int(), name: z.string(), bytes: z.number() }),
  z.object({ type: z.literal("artifact"), name: z.string(), bytes: z.number(), mime: z.string() }),
  z.object({
    type: z.literal("log"),
    level: z.enum(["info", "warning", "error"]),
    message: z.string(),
    node: z.string().optional(),
  }),
]);
export type EventBody = z.infer<typeof eventBodySchema>;
export const runEventSchema = z.intersection(eventBodySchema, z.object({ seq: z.number().int(), time: z.number() }));
export type RunEvent = z.infer<typeof runEventSchema>;
