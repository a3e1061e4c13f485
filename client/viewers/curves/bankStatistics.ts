/** What a trajectory bank reports about itself. */
import { z } from "zod";

export const bankSchema = z.object({
  /** Draws per solver node since the start. */
  visits: z.array(z.number()),
  /** States in the bank now, per solver node. */
  stored: z.array(z.number()),
  meanAge: z.number(),
  maxAge: z.number(),
  filled: z.number(),
  capacity: z.number(),
  /** Share of the batch that came from the bank, since the last report. */
  hitRate: z.number(),
});
export type BankStatistics = z.infer<typeof bankSchema>;
