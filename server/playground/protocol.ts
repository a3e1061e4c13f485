/** Messages between the server and the process that restyles pictures. */
import { documentSchema } from "@distillery/shared/graph/document";
import { stylizedPathSchema } from "@distillery/shared/protocol/playground";
import { z } from "zod";
import { startSchema } from "../worker/protocol";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "not bytes");

export const jobSchema = z.object({
  id: z.number().int(),
  document: documentSchema,
  /** The run's checkpoint; absent for networks that need none. */
  checkpointFile: z.string().optional(),
  picture: bytes,
  mask: bytes.optional(),
  /** Height and width of the data set's pictures. */
  size: z.tuple([z.number().int(), z.number().int()]),
  registry: startSchema.pick({ datasetFolder: true, datasets: true, models: true, results: true }),
});
export type StylizeJob = z.infer<typeof jobSchema>;

export const pathsSchema = z.object({
  source: z.string(),
  teacher: stylizedPathSchema.nullable(),
  student: stylizedPathSchema.nullable(),
});
export type StylizedPaths = z.infer<typeof pathsSchema>;

export const replySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("done"), id: z.number().int(), result: pathsSchema }),
  /** `input`: what was given is of no use; `work`: it failed on the way. */
  z.object({ type: z.literal("failed"), id: z.number().int(), kind: z.enum(["input", "work"]), message: z.string() }),
]);
export type StylizeReply = z.infer<typeof replySchema>;
