import { copyFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { overridesSchema } from "@distillery/shared/protocol/rest";
import { SCORES, type ScoreReport, scoreReportSchema } from "@distillery/shared/protocol/scores";
import { evaluableGraph } from "../../graph/evaluable";
import { NothingToEvaluate } from "../../graph/evaluation";
import { joinReports } from "../../graph/scoreRows";
import { numbers, whole, wholes } from "../arguments";
import { type Command, UnusableInput, WorkFailed } from "../command";
import { locateTrained } from "../located";
import { runToEnd, summarise } from "../runReport";
import { scoreLines } from "../scoreTable";
import { type CliSession, withStore } from "../session";

const USAGE =
  "RUN_OR_CHECKPOINT [--nfe 8,6,4] [--guidance 2,4,6,8|none] [--teacher-nfe 50] [--batch 64] [--seed 1] [--csv FILE] [--graph GRAPH.json] [--device cpu|webgpu|cuda] [--json]";

export const evaluate: Command = {
  name: "evaluate",
  usage: USAGE,
  summary: "Score a trained student beside its teacher: a table with 95 % intervals, per NFE and guidance scale.",
  async run(args, { print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        nfe: { type: "string", default: "8,6,4" },
        guidance: { type: "string", default: "2,4,6,8" },
        "teacher-nfe": { type: "string", default: "50" },
        batch: { type: "string", default: "64" },
        seed: { type: "string", default: "1" },
        csv: { type: "string" },
        graph: { type: "string" },
        device: { type: "string", default: "cpu" },
        json: { type: "boolean", default: false },
      },
    });
    const [source, extra] = positionals;
    if (source === undefined)
      throw new UnusableInput(`Give a run or a checkpoint. Usage: distillery evaluate ${USAGE}`);
    if (extra !== undefined) throw new UnusableInput(`One run at a time; "${extra}" is too much.`);
    const { device } = values;
    if (device !== "cpu" && device !== "webgpu" && device !== "cuda")
      throw new UnusableInput(`--device is cpu, webgpu or cuda, not "${device}".`);
    const options = {
      nfe: wholes("nfe", values.nfe, "8,6,4"),
      guidance: values.guidance === "none" ? [] : numbers("guidance", values.guidance, "2,4,6,8 or none"),
      teacherNfe: whole("teacher-nfe", values["teacher-nfe"]),
      batch: whole("batch", values.batch),
    };
    // The same held-out pictures and noise for every run, whatever it was trained with.
    const seed = whole("seed", values.seed, 0);
    return withStore(async (session) => {
      const { graph, checkpoint } = await locateTrained(session, source, values.graph);
      const document = await prepared(session, graph, source, options);
      const reports: ScoreReport[] = [];
      const request = {
        graph: document,
        overrides: overridesSchema.parse({ device, seed }),
        label: `evaluation of ${source}`,
        checkpoint,
      };
      const record = await runToEnd(session, request, source, (event) => {
        if (event.type === "data" && event.name === SCORES) reports.push(scoreReportSchema.parse(event.value));
      });
      if (record.status !== "done")
        throw new WorkFailed(`${source}: ${record.error?.message ?? `the evaluation was ${record.status}`}`);
      const { artifacts } = await summarise(session, record);
      const rows = joinReports(reports);
      const written = artifacts.find(({ name }) => name === "scores.csv");
      const csv = values.csv === undefined ? undefined : resolve(values.csv);
      if (csv !== undefined && written !== undefined) await copyFile(written.path, csv);
      if (values.json) print(JSON.stringify({ type: "evaluation", runId: record.id, rows, ...(csv && { csv }) }));
      else for (const line of [...scoreLines(rows), ...(csv === undefined ? [] : [csv])]) print(line);
      return 0;
    });
  },
};

/** @throws UnusableInput when there is nothing to evaluate. */
async function prepared(
  { runs }: CliSession,
  graph: GraphDocument,
  source: string,
  options: { nfe: number[]; guidance: number[]; teacherNfe: number; batch: number },
): Promise<GraphDocument> {
  try {
    return (await evaluableGraph(runs, graph, options)).document;
  } catch (error) {
    if (error instanceof NothingToEvaluate) throw new UnusableInput(`${source}: ${error.message}`);
    throw error;
  }
}
