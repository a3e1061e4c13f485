/** What is known of a network's file without reading it: of uploads, and of the models that ship with the product. */
import { z } from "zod";

/** An input or output; a size that is a name (usually "batch") is free. */
export const modelPortSchema = z.object({
  name: z.string(),
  shape: z.array(z.union([z.number().int(), z.string()])),
});

export type ModelPort = z.infer<typeof modelPortSchema>;

export const modelInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  bytes: z.number(),
  inputs: z.array(modelPortSchema),
  /** Empty for files that were uploaded before outputs were kept. */
  outputs: z.array(modelPortSchema),
  /** Number of values of its label inputs ("class", "content"), where known; that number itself is the null value. */
  labels: z.record(z.string(), z.number().int()).optional(),
  /** What the network puts out, where known: weights that are taken over from it have to be read the same way. */
  predictionType: z.enum(["epsilon", "sample", "v_prediction"]).optional(),
  /** Ships with the product, so it cannot be deleted. */
  bundled: z.literal(true).optional(),
});
export type UserModelInfo = z.infer<typeof modelInfoSchema>;
