/** What a scorer node reports: data events named `scores`, one table a measurement. */
import { z } from "zod";

/** Mean over the judged pictures, its 95 % interval, and how many pictures there were. */
export const scoreValueSchema = z.object({
  mean: z.number(),
  low: z.number(),
  high: z.number(),
  n: z.number().int(),
});

export const scoreRowSchema = z.object({
  /** Id of the sampler node whose pictures were scored. */
  sampler: z.string(),
  title: z.string(),
  /** Network evaluations a picture, counting guidance once. */
  nfe: z.number(),
  /** In the Imagen form, in which 1 is none; null for paths without guidance. */
  guidanceScale: z.number().nullable(),
  millisecondsPerImage: z.number(),
  values: z.record(z.string(), scoreValueSchema),
});

export const scoreReportSchema = z.object({ rows: z.array(scoreRowSchema) });

export const SCORES = "scores";

export type ScoreValue = z.infer<typeof scoreValueSchema>;
export type ScoreRow = z.infer<typeof scoreRowSchema>;
export type ScoreReport = z.infer<typeof scoreReportSchema>;
