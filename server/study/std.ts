/** `distillery study std`: STD's ablation, the same student by five recipes, equal updates, several seeds. */
import { join } from "node:path";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { contentHash } from "@distillery/shared/graph/hash";
import { overridesSchema } from "@distillery/shared/protocol/rest";
import { SCORES, type ScoreReport, scoreReportSchema } from "@distillery/shared/protocol/scores";
import { type Terminal, UnusableInput, WorkFailed } from "../cli/command";
import { runToEnd, summarise } from "../cli/runReport";
import { type CliSession, withStore } from "../cli/session";
import { templates } from "../graph/catalog";
import { GraphEdit } from "../graph/graphEdit";
import { modelHashes } from "../graph/modelHashes";
import { joinReports } from "../graph/scoreRows";
import { library } from "../packs/library";
import { type Recipe, recipes } from "./recipes";
import { type StudyResult, StudyResults } from "./results";
import { gains, studyTable } from "./table";

const TEMPLATE = "std-style";
/** What the time per step is relative to. */
const REFERENCE = "single-trajectory";
/** What the recipes have to beat. */
const BASELINE = "lcm";

export interface StudyOptions {
  readonly steps: number;
  readonly seeds: number;
  /** Held-out pictures each student is judged on. */
  readonly batch: number;
}

export async function studyStd(options: StudyOptions, { print, complain }: Terminal): Promise<void> {
  const template = templates.find(({ id }) => id === TEMPLATE)?.graph;
  if (template === undefined) throw new UnusableInput(`There is no template "${TEMPLATE}" to study.`);
  await withStore(async (session) => {
    const results = await StudyResults.open(join(session.store.home, "study-std.json"));
    const wanted: StudyResult[] = [];
    for (let seed = 1; seed <= options.seeds; seed++) {
      for (const recipe of recipes) {
        const document = { ...forStudy(recipe.apply(template), options), seed };
        const models = modelHashes(document, library, session.store.registry.models());
        const key = [await contentHash(document), seed, options.steps, ...models].join(" ");
        const known = results.find(key);
        const result = known ?? (await runOnce(session, recipe, document, { seed, steps: options.steps, key }));
        if (known === undefined) await results.add(result);
        wanted.push(result);
        complain(`${known === undefined ? "" : "(known) "}${recipe.title}, seed ${seed}: ${headline(result)}`);
      }
    }
    print(studyTable(recipes, wanted, REFERENCE));
    print(`\nStyle similarity at NFE 4 against LCM, difference within each seed:\n`);
    print(gains(recipes, wanted, BASELINE, "styleSimilarity@4"));
  });
}

/** Samples before the first step and after the last only, on more pictures than one looks at while training. */
function forStudy(document: GraphDocument, { steps, batch }: StudyOptions): GraphDocument {
  const edit = new GraphEdit(document);
  for (const { id, type } of flatDocument(document).nodes) {
    if (type === "evaluate/sampler") edit.set(id, { every: 0, batch });
    if (type === "train/trainer") edit.set(id, { steps, checkpointEvery: 0 });
    if (type === "inspect/image-grid") edit.remove(id);
  }
  return edit.result(`${steps} steps`);
}

async function runOnce(
  session: CliSession,
  recipe: Recipe,
  graph: GraphDocument,
  { seed, steps, key }: { seed: number; steps: number; key: string },
): Promise<StudyResult> {
  const reports: ScoreReport[] = [];
  const request = { graph, overrides: overridesSchema.parse({}), label: `study: ${recipe.id}, seed ${seed}` };
  const record = await runToEnd(session, request, `recipe "${recipe.id}"`, (event) => {
    if (event.type === "data" && event.name === SCORES) reports.push(scoreReportSchema.parse(event.value));
  });
  if (record.status !== "done")
    throw new WorkFailed(`Recipe "${recipe.id}", seed ${seed}: ${record.error?.message ?? record.status}`);
  const { metrics, stepsPerSecond } = await summarise(session, record);
  return {
    recipe: recipe.id,
    seed,
    steps,
    runId: record.id,
    key,
    secondsPerStep: 1 / stepsPerSecond,
    values: { ...scoresOf(reports), ...errorsOf(metrics) },
  };
}

/** `metric@nfe` of the students, `metric@teacher` of the teacher; later reports replace earlier ones. */
function scoresOf(reports: readonly ScoreReport[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { sampler, nfe, values: scores } of joinReports(reports)) {
    const at = sampler.startsWith("teacher") ? "teacher" : String(nfe);
    for (const [metric, { mean }] of Object.entries(scores)) values[`${metric}@${at}`] = mean;
  }
  return values;
}

const errorsOf = (metrics: Readonly<Record<string, number | null>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) =>
      name.startsWith("trajectoryError@") && value !== null ? [[name, value]] : [],
    ),
  );

const headline = ({ values, secondsPerStep }: StudyResult): string =>
  `style similarity at NFE 4 ${values["styleSimilarity@4"]?.toFixed(3)} (teacher ${values["styleSimilarity@teacher"]?.toFixed(3)}), ` +
  `trajectory error ${values["trajectoryError@4"]?.toFixed(3)}, ${(1000 * secondsPerStep).toFixed(0)} ms a step`;
