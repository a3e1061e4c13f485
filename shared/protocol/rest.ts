/** Bodies of the HTTP API, validated on both sides. */
import { z } from "zod";
import { documentSchema, edgeSchema } from "../graph/document";
import { PROFILE_STEPS } from "../profile/profile";
import { batchShape } from "../run/batch";
import { deviceSchema, runStatusSchema } from "./events";

export const issueSchema = z.object({
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  message: z.string(),
  node: z.string().optional(),
  socket: z.string().optional(),
  edge: edgeSchema.optional(),
});
export const validationSchema = z.object({ issues: z.array(issueSchema) });

/** A stored graph; `revision` is also its ETag. */
export const graphRecordSchema = z.object({
  id: z.string(),
  name: z.string(),
  revision: z.number().int(),
  createdAt: z.number(),
  updatedAt: z.number(),
  graph: documentSchema,
});
export const graphSummarySchema = graphRecordSchema.omit({ graph: true });
export const graphVersionSchema = z.object({
  revision: z.number().int(),
  savedAt: z.number(),
  name: z.string(),
  graph: documentSchema.optional(),
});

export const overridesSchema = z.strictObject({
  steps: z.number().int().min(1).max(10_000_000).optional(),
  seed: z.number().int().min(0).max(0xffffffff).optional(),
  device: deviceSchema.optional(),
  /** `node.param` -> value */
  params: z.record(z.string(), z.json()).optional(),
  /** Continue from this run's last checkpoint. */
  from: z.string().optional(),
});
const runLabelSchema = z.string().max(200);
const startShape = {
  graph: z.unknown().optional(),
  graphId: z.string().optional(),
  overrides: overridesSchema.default({}),
  label: runLabelSchema.optional(),
};
const namesOneGraph = (body: { graph?: unknown; graphId?: string | undefined }) =>
  (body.graph === undefined) !== (body.graphId === undefined);
const ONE_GRAPH = "give either graph or graphId";
export const startRunSchema = z
  .strictObject({
    ...startShape,
    /** Measure as many steps from its beginning. */
    profile: z.number().int().min(1).max(1000).optional(),
  })
  .refine(namesOneGraph, ONE_GRAPH);
/** Several runs of one graph: for every combination of the values, with every seed. */
export const startBatchSchema = z.strictObject({ ...startShape, ...batchShape }).refine(namesOneGraph, ONE_GRAPH);

export const RUN_LIMITS = { notes: 20_000, tags: 20, tag: 40 } as const;
/** What people write on a run. */
const runMarks = {
  notes: z.string().max(RUN_LIMITS.notes),
  tags: z.array(z.string().trim().min(1).max(RUN_LIMITS.tag)).max(RUN_LIMITS.tags),
  starred: z.boolean(),
};
export const changeRunSchema = z.strictObject({ label: runLabelSchema, ...runMarks }).partial();

export const profileRunSchema = z.strictObject({ steps: z.number().int().min(1).max(1000).default(PROFILE_STEPS) });

export const runRecordSchema = z.object({
  id: z.string(),
  status: runStatusSchema,
  label: z.string(),
  graphId: z.string().nullable(),
  graphName: z.string(),
  graphHash: z.string(),
  device: deviceSchema,
  seed: z.number().int(),
  step: z.number().int(),
  steps: z.number().int(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  finishedAt: z.number().nullable(),
  lastSeq: z.number().int(),
  error: z.object({ message: z.string(), node: z.string().optional() }).nullable(),
  metrics: z.record(z.string(), z.number()),
  /** Runs started together (seeds, a sweep) have the same. */
  batch: z.string().nullable().default(null),
  notes: runMarks.notes.default(""),
  tags: runMarks.tags.default([]),
  starred: runMarks.starred.default(false),
});
/** GET /api/runs/:id also carries the exact document that ran. */
export const runDetailSchema = runRecordSchema.extend({ graph: documentSchema, overrides: overridesSchema });

/** Which of the runs are listed; newest first, and from `before` on only older ones. */
export const runFilterSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  before: z.string().max(64).optional(),
  /** Words that label, graph, notes, tags or id contain. */
  search: z.string().max(200).optional(),
  status: runStatusSchema.optional(),
  tag: z.string().max(RUN_LIMITS.tag).optional(),
  starred: z.literal("true").optional(),
  graphId: z.string().max(64).optional(),
  graphName: z.string().max(200).optional(),
  batch: z.string().max(64).optional(),
});
/** What runs can be filtered by, the commonest first. */
export const runFacetsSchema = z.object({
  graphs: z.array(z.object({ name: z.string(), count: z.number().int() })),
  tags: z.array(z.object({ name: z.string(), count: z.number().int() })),
});

/** A run that computes, waits or is paused; they come in the order in which they get their device. */
export const queueEntrySchema = runRecordSchema.extend({ stepsPerSecond: z.number().nullable() });
export const queueOrderSchema = z.strictObject({ order: z.array(z.string().max(64)).max(10_000) });

export const artifactSchema = z.object({
  name: z.string(),
  bytes: z.number().int(),
  mime: z.string(),
  createdAt: z.number(),
});

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  issues: z.array(issueSchema).optional(),
});

export const healthSchema = z.object({
  status: z.literal("ok"),
  version: z.string(),
  devices: z.array(deviceSchema),
  queue: z.object({ running: z.number(), queued: z.number() }),
  /** Node packs; `problem` says why one is skipped. */
  packs: z.array(z.object({ name: z.string(), version: z.string(), problem: z.string().nullable() })).default([]),
});

export type OverridesInput = z.input<typeof overridesSchema>;
export type Overrides = z.infer<typeof overridesSchema>;
export type GraphRecord = z.infer<typeof graphRecordSchema>;
export type GraphSummary = z.infer<typeof graphSummarySchema>;
export type GraphVersion = z.infer<typeof graphVersionSchema>;
export type ChangeRun = z.infer<typeof changeRunSchema>;
export type RunFilter = z.infer<typeof runFilterSchema>;
export type RunFacets = z.infer<typeof runFacetsSchema>;
export type QueueEntry = z.infer<typeof queueEntrySchema>;
export type RunRecord = z.infer<typeof runRecordSchema>;
export type RunDetail = z.infer<typeof runDetailSchema>;
export type Artifact = z.infer<typeof artifactSchema>;
export type Problem = z.infer<typeof problemSchema>;
export type Health = z.infer<typeof healthSchema>;
