/** What a trajectory bank reports about itself. */
import { z } from "zod";

const histogram = z.object({ counts: z.array(z.number()), min: z.number(), max: z.number() });
export const bankSchema = z.object({
  indices: histogram.optional(),
  ages: histogram.optional(),
  hitRate: z.number().optional(),
});
export type BankStatistics = z.infer<typeof bankSchema>;
