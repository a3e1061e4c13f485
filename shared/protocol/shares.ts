/** Share links over HTTP, and what of a run travels with one. */
import { z } from "zod";
import { documentSchema } from "../graph/document";
import { deviceSchema, runEventSchema, runStatusSchema } from "./events";

/** Days a link may last; null is for ever. */
export const SHARE_DAYS = [1, 7, 30] as const;
export const shareDaysSchema = z.union([z.literal(1), z.literal(7), z.literal(30), z.null()]);
export type ShareDays = z.infer<typeof shareDaysSchema>;

export const shareExpirySchema = z.strictObject({
  /** Days from now. */
  expiresInDays: shareDaysSchema.optional(),
});

export const shareChangeSchema = shareExpirySchema.extend({
  /** Run whose recorded trajectories and curves are shown; null for none. */
  runId: z.string().max(64).nullable().optional(),
});
export type ShareChangeRequest = z.input<typeof shareChangeSchema>;

export const arenaLinkSchema = z.object({
  slug: z.string(),
  /** Path of the page. */
  url: z.string(),
  expiresAt: z.number().nullable(),
});
export type ArenaLink = z.infer<typeof arenaLinkSchema>;

export const shareLinkSchema = z.object({
  slug: z.string(),
  /** Path of the page. */
  url: z.string(),
  name: z.string(),
  graphId: z.string(),
  revision: z.number().int(),
  sharedAt: z.number(),
  expiresAt: z.number().nullable(),
  runId: z.string().nullable(),
});
export type ShareLink = z.infer<typeof shareLinkSchema>;

/** A run as it travels without its server: in a share link, in an HTML file. */
export const recordedRunSchema = z.object({
  status: runStatusSchema,
  label: z.string(),
  device: deviceSchema,
  seed: z.number().int(),
  step: z.number().int(),
  steps: z.number().int(),
  createdAt: z.number(),
  /** The document that ran; it may be older than the one shown. */
  graph: documentSchema,
  events: z.array(runEventSchema),
});
export type RecordedRun = z.infer<typeof recordedRunSchema>;

export const sharedGraphSchema = z.object({
  slug: z.string(),
  name: z.string(),
  sharedAt: z.number(),
  expiresAt: z.number().nullable(),
  graph: documentSchema,
  /** The graph itself on this server, for those who may edit it; null once it is deleted. */
  graphId: z.string().nullable(),
  hasRun: z.boolean(),
});
export type SharedGraph = z.infer<typeof sharedGraphSchema>;
