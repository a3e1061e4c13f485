/** From what was asked for to what is to be computed: graphs, seeds, and a key for every result. */

import { plannedSteps } from "@distillery/shared/compile/duration";
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import { canonicalJson, contentHash, sha256Hex } from "@distillery/shared/graph/hash";
import {
  type ArenaMethod,
  type ArenaMetric,
  type ArenaSpec,
  arenaMetricSchema,
  arenaSpecSchema,
  UNTRAINED,
} from "@distillery/shared/protocol/arena";
import { z } from "zod";
import { templates } from "../graph/catalog";
import { evaluableGraph } from "../graph/evaluable";
import { NothingToEvaluate } from "../graph/evaluation";
import { modelHashes } from "../graph/modelHashes";
import { library } from "../packs/library";
import { RunRefused } from "../runs/admission";
import type { RunManager } from "../runs/manager";
import { applyOverrides } from "../runs/overrides";
import type { Store } from "../store/store";
import { VERSION } from "../version";
import { evaluationHalves, leastUpdatesOf, metricsOf, startOf, trainingGraph, trainsSomething } from "./graphs";

/** To be raised when an evaluation of the same graph would give other numbers than before. */
const EVALUATION_VERSION = 1;

export const planSchema = z.object({
  spec: arenaSpecSchema,
  metrics: z.array(arenaMetricSchema),
  /** By the methods' ids. */
  methods: z.record(
    z.string(),
    z.object({
      /** With its own overrides, as it was when the arena was made. */
      graph: documentSchema,
      evaluation: documentSchema,
    }),
  ),
  /** Scores the teacher of the first method. */
  teacher: documentSchema,
  /** The teacher first (method null), then what is not trained, then seed by seed, so that every method has a result early. */
  entries: z.array(z.object({ method: z.string().nullable(), seed: z.number().int(), key: z.string() })),
});
export type ArenaPlan = z.infer<typeof planSchema>;
export type PlannedEntry = ArenaPlan["entries"][number];

/** @throws RunRefused when a method is unknown, invalid, cannot be evaluated, or begins from other pictures. */
export async function planArena(spec: ArenaSpec, store: Store, runs: RunManager): Promise<ArenaPlan> {
  const methods: ArenaPlan["methods"] = {};
  let teacher: GraphDocument | undefined;
  let metrics: ArenaMetric[] = [];
  let first: { title: string; start: string } | undefined;
  for (const method of spec.methods) {
    const graph = await graphOf(method, store, runs);
    const least = leastUpdatesOf(graph);
    if (method.trains) {
      if ("updates" in spec.budget && spec.budget.updates < least)
        throw refuse(`"${method.title}" trains in ${least} stages: give it ${least} updates at least.`);
      await requireTrainable(method, trainingOf(graph, spec, 1), runs);
    }
    const { evaluation, halves } = await evaluationOf(method, graph, spec, runs);
    const start = startOf(halves.student);
    if (first !== undefined && first.start !== start)
      throw refuse(
        `"${method.title}" is sampled from other held-out pictures than "${first.title}": their data sets or their Starts for ` +
          "evaluation differ, so their scores could not be compared. Give both the same.",
      );
    first ??= { title: method.title, start };
    teacher ??= halves.teacher;
    if (metrics.length === 0) metrics = metricsOf(evaluation);
    methods[method.id] = { graph, evaluation: halves.student };
  }
  if (teacher === undefined) throw refuse("An arena needs a method.");
  const entries: PlannedEntry[] = [{ method: null, seed: UNTRAINED, key: await keyOf(spec, null, teacher, store) }];
  const isTrained = new Map(spec.methods.map(({ id, trains }) => [id, trains]));
  for (const [method, { evaluation }] of Object.entries(methods))
    if (!isTrained.get(method))
      entries.push({ method, seed: UNTRAINED, key: await keyOf(spec, null, evaluation, store) });
  for (let seed = 1; seed <= spec.seeds; seed++) {
    for (const [method, { graph, evaluation }] of Object.entries(methods)) {
      if (!isTrained.get(method)) continue;
      const training = trainingOf(graph, spec, seed);
      entries.push({ method, seed, key: await keyOf(spec, training, evaluation, store) });
    }
  }
  return { spec, metrics, methods, teacher, entries };
}

/** What is trained; where the budget is a time and the number of updates not known yet, the graph's own number stands in. */
export function trainingOf(
  graph: GraphDocument,
  { budget, batch }: ArenaSpec,
  seed: number,
  measured?: number,
): GraphDocument {
  // A graph with errors plans nothing; they are told of its training.
  const own = () => Math.max(leastUpdatesOf(graph), plannedSteps(graph, library));
  const updates = measured ?? ("updates" in budget ? budget.updates : own());
  return trainingGraph(graph, { updates, batch, seed });
}

/** Hash of everything a result follows from: both graphs, the budget, the networks' files, and this program. */
async function keyOf(
  { budget, device }: ArenaSpec,
  training: GraphDocument | null,
  evaluation: GraphDocument,
  store: Store,
): Promise<string> {
  const own = store.registry.models();
  const whole = {
    version: [VERSION, EVALUATION_VERSION],
    device,
    training: training && { graph: await contentHash(training), budget },
    evaluation: await contentHash(evaluation),
    files: [
      ...(training === null ? [] : modelHashes(training, library, own)),
      ...modelHashes(evaluation, library, own),
    ],
  };
  return sha256Hex(new TextEncoder().encode(canonicalJson(whole)));
}

/** Hash of a plan: an arena that computes the same, and is called the same, is the same. */
export const hashOf = ({ spec, entries }: ArenaPlan): Promise<string> => {
  const methods = spec.methods.map(({ id, title }) => ({ id, title }));
  const text = canonicalJson({ name: spec.name, methods, entries });
  return sha256Hex(new TextEncoder().encode(text));
};

async function graphOf(method: ArenaMethod, store: Store, runs: RunManager): Promise<GraphDocument> {
  const { document, issues } = await runs.validate(sourceOf(method, store));
  if (document === undefined) throw refuse(`"${method.title}" is no graph: ${issues[0]?.message ?? ""}`);
  const changed = applyOverrides(document, { params: method.params }, library);
  if (changed.issues.length > 0) throw refuse(`"${method.title}": ${changed.issues[0]?.message}`);
  if (!trainsSomething(changed.document)) throw refuse(`"${method.title}" trains nothing: its graph has no trainer.`);
  return changed.document;
}

async function requireTrainable({ title }: ArenaMethod, training: GraphDocument, runs: RunManager): Promise<void> {
  const { issues } = await runs.validate(training);
  const error = issues.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new RunRefused(`"${title}" cannot be trained: ${error.message}`, "invalid", issues);
}

function sourceOf({ title, template, graphId, graph }: ArenaMethod, store: Store): unknown {
  if (template !== undefined) {
    const found = templates.find(({ id }) => id === template);
    if (found === undefined) throw new RunRefused(`"${title}": there is no template "${template}".`, "missing");
    return found.graph;
  }
  if (graphId === undefined) return graph;
  const found = store.graphs.get(graphId);
  if (found === undefined) throw new RunRefused(`"${title}": there is no saved graph ${graphId}.`, "missing");
  return found.graph;
}

async function evaluationOf({ title }: ArenaMethod, graph: GraphDocument, spec: ArenaSpec, runs: RunManager) {
  const { nfe, guidance, scorers, evaluation } = spec;
  const { batch, teacherNfe, pictures, seed } = evaluation;
  try {
    const made = await evaluableGraph(runs, graph, { nfe, guidance, batch, teacherNfe, pictures, scorers });
    const halves = evaluationHalves(made, seed);
    return { evaluation: made.document, halves };
  } catch (error) {
    if (error instanceof NothingToEvaluate) throw refuse(`"${title}": ${error.message}`);
    throw error;
  }
}

const refuse = (message: string): RunRefused => new RunRefused(message, "invalid");
