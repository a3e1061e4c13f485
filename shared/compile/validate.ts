/**
 * Everything that can be said about a document before it runs: the same building that a run does, without values.
 * Where `resources` cannot import model files (a browser, the server's own process), nodes build stand-ins of the same shapes.
 */
import type { GraphDocument, Issue } from "../graph/document";
import type { NodeLibrary } from "../graph/node";
import type { Resources } from "../graph/wires";
import type { ModelImports } from "../onnx/modelImports";
import { buildPlan } from "./plan";
import { type ResolvedGraph, resolveDocument } from "./resolve";
import { shapeFindings, sharedFindings } from "./stageFindings";
import type { Plan, PlannedStage } from "./stages";
import { type TrainingStage, trainingStagesOf } from "./trainingStages";

export interface Validation {
  /** The parsed document, where it could be parsed at all. */
  document?: GraphDocument;
  /** Present when there is no error: what the run does, stage by stage. */
  stages?: readonly PlannedStage[];
  /** The last stage's, or the only one's: what a finished run has. */
  plan?: Plan;
  issues: Issue[];
}

export function validateDocument(input: unknown, library: NodeLibrary, resources: Resources): Validation {
  const { graph, document, issues } = resolveDocument(input, library);
  const parsed = document === undefined ? {} : { document };
  if (graph === undefined) return { ...parsed, issues };
  const staged = trainingStagesOf(graph, library);
  const built =
    staged.stages.length === 0 ? buildWhole(graph, resources) : buildStages(staged.stages, library, resources);
  const all = [...issues, ...staged.issues, ...built.issues];
  if (all.some(({ severity }) => severity === "error")) return { ...parsed, issues: all };
  const plan = built.stages.at(-1)?.plan;
  return { ...parsed, issues: all, stages: built.stages, ...(plan === undefined ? {} : { plan }) };
}

interface Built {
  stages: PlannedStage[];
  issues: Issue[];
}

/** A graph without stages is trained in one. */
function buildWhole(graph: ResolvedGraph, resources: Resources): Built {
  const { plan, issues } = buildPlan(graph, resources);
  const end = plan.train?.steps ?? 0;
  return {
    stages: [
      { index: 0, node: null, title: "", begin: 0, end, batchesBefore: 0, fresh: [], merge: [], keep: [], plan },
    ],
    issues,
  };
}

function buildStages(stages: readonly TrainingStage[], library: NodeLibrary, resources: Resources): Built {
  let [begin, batchesBefore] = [0, 0];
  const merged = new Set<string>();
  const planned: PlannedStage[] = [];
  const findings = stages.map(({ document, steps, node, title, fresh, merge, keep }, index): Issue[] => {
    for (const id of merge) merged.add(id);
    const resolved = resolveDocument(document, library, index, new Set(merged));
    if (resolved.graph === undefined) return resolved.issues;
    const { plan, issues } = buildPlan(resolved.graph, resources);
    const end = begin + steps;
    planned.push({ index, node, title, begin, end, batchesBefore, fresh, merge, keep, plan });
    begin = end;
    batchesBefore += steps * (plan.train?.turns.length ?? 1);
    return [...resolved.issues, ...issues];
  });
  return { stages: planned, issues: [...sharedFindings(stages, findings), ...shapeFindings(planned)] };
}

/** A document that cannot run: one line for people, and every finding. */
export class InvalidGraphError extends Error {
  constructor(readonly issues: readonly Issue[]) {
    const errors = issues.filter((issue) => issue.severity === "error");
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    super(`${errors[0]?.message ?? "The graph is not valid."}${more}`);
  }
}

/** The stages of a document, or an InvalidGraphError. Without an importer in `resources`, files are stand-ins that cannot run. */
export function compileStages(input: unknown, library: NodeLibrary, resources: Resources): readonly PlannedStage[] {
  return stagesOf(validateDocument(input, library, resources));
}

/** `compileStages` with model files in place, imported in rounds: only with one in place does the next one show. */
export async function compileStagesImporting(
  input: unknown,
  library: NodeLibrary,
  resources: Resources,
  imports: ModelImports,
): Promise<readonly PlannedStage[]> {
  const importing = { ...resources, importedModel: imports.get };
  let validation = validateDocument(input, library, importing);
  while (await imports.importAsked()) validation = validateDocument(input, library, importing);
  return stagesOf(validation);
}

/** The plan of a document, in its last stage where it has several. */
export const compileDocument = (...given: Parameters<typeof compileStages>): Plan => lastPlan(compileStages(...given));

export const compileImporting = async (...given: Parameters<typeof compileStagesImporting>): Promise<Plan> =>
  lastPlan(await compileStagesImporting(...given));

function stagesOf({ stages, issues }: Validation): readonly PlannedStage[] {
  if (stages === undefined) throw new InvalidGraphError(issues);
  return stages;
}

function lastPlan(stages: readonly PlannedStage[]): Plan {
  const last = stages.at(-1);
  if (last === undefined) throw new Error("A run without a stage.");
  return last.plan;
}
