/** Bodies of the HTTP API, validated on both sides. */
import { z } from "zod";
import { documentSchema, edgeSchema } from "../graph/document";
import { PROFILE_STEPS } from "../profile/profile";
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
export const startRunSchema = z
  .strictObject({
    graph: z.unknown().optional(),
    graphId: z.string().optional(),
    overrides: overridesSchema.default({}),
    label: z.string().max(200).optional(),
    /** Measure as many steps from its beginning. */
    profile: z.number().int().min(1).max(1000).optional(),
  })
  .refine((body) => (body.graph === undefined) !== (body.graphId === undefined), "give either graph or graphId");

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
});
/** GET /api/runs/:id also carries the exact document that ran. */
export const runDetailSchema = runRecordSchema.extend({ graph: documentSchema, overrides: overridesSchema });

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
export type RunRecord = z.infer<typeof runRecordSchema>;
export type RunDetail = z.infer<typeof runDetailSchema>;
export type Artifact = z.infer<typeof artifactSchema>;
export type Problem = z.infer<typeof problemSchema>;
export type Health = z.infer<typeof healthSchema>;
