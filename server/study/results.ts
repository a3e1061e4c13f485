/** Finished runs of a study, kept in one file by what they computed, so that a study goes on where it stopped. */
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";

const resultSchema = z.object({
  recipe: z.string(),
  seed: z.number().int(),
  steps: z.number().int(),
  runId: z.string(),
  /** Hashes of the graph and of the networks it names, with seed and steps: the same key is the same computation. */
  key: z.string(),
  /** Seconds of one training step, evaluation left out. */
  secondsPerStep: z.number(),
  /** `metric@nfe` */
  values: z.record(z.string(), z.number()),
});
export type StudyResult = z.infer<typeof resultSchema>;

export class StudyResults {
  private constructor(
    private readonly file: string,
    readonly all: StudyResult[],
  ) {}

  static async open(file: string): Promise<StudyResults> {
    const text = existsSync(file) ? await readFile(file, "utf8") : "[]";
    return new StudyResults(file, z.array(resultSchema).parse(JSON.parse(text)));
  }

  find(key: string): StudyResult | undefined {
    return this.all.find((result) => result.key === key);
  }

  /** Written beside the old file and moved over it: a crash leaves one or the other. */
  async add(result: StudyResult): Promise<void> {
    this.all.push(result);
    await writeFile(`${this.file}.new`, `${JSON.stringify(this.all, null, 2)}\n`);
    await rename(`${this.file}.new`, this.file);
  }
}
