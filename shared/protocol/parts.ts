/** Parts: subgraphs that people keep to use in other graphs. */
import { z } from "zod";
import { LIMITS, subgraphSchema } from "../graph/document";

/** A subgraph with those it holds. */
export const partSchema = z.strictObject({
  subgraph: subgraphSchema,
  uses: z.array(subgraphSchema).max(LIMITS.subgraphs).default([]),
});
export type Part = z.infer<typeof partSchema>;

export const partSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Counts from 1; also its ETag. */
  revision: z.number().int(),
  updatedAt: z.number(),
});
export type PartSummary = z.infer<typeof partSummarySchema>;

export const partRecordSchema = partSummarySchema.extend({ part: partSchema });
export type PartRecord = z.infer<typeof partRecordSchema>;
