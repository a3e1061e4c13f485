/** What an arena makes of a method's graph: one that only trains, with the budget, and one that only samples and scores. */

import { plannedSteps } from "@distillery/shared/compile/duration";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { canonicalJson } from "@distillery/shared/graph/hash";
import type { NodeDefinition } from "@distillery/shared/graph/node";
import type { ArenaMetric } from "@distillery/shared/protocol/arena";
import { z } from "zod";
import { GRID } from "../graph/evaluation";
import { GraphEdit } from "../graph/graphEdit";
import { GraphReader } from "../graph/networks";
import { library } from "../packs/library";

/** All paths begin here: random numbers follow from a node's id, so the same id gives everybody the same noise. */
const START = "arena-start";
const CHECKPOINTS = 8;

/** Looks at what was trained, or writes it out: nothing that training needs. */
const isAudience = ({ sampler, scorer, survey, exporter, family, inputs }: NodeDefinition): boolean =>
  (sampler ?? scorer ?? survey ?? exporter) !== undefined ||
  family === "inspect" ||
  Object.values(inputs).some(({ type }) => type === "trajectory");

export function trainsSomething(document: GraphDocument): boolean {
  const graph = new GraphReader(document, library);
  return graph.document.nodes.some(({ id }) => graph.type(id)?.trainer !== undefined);
}

const stagesOf = (graph: GraphReader): { id: string; steps: number }[] =>
  graph.document.nodes.flatMap(({ id }) =>
    graph.type(id)?.stage === undefined ? [] : [{ id, steps: Number(graph.params(id).steps) }],
  );

/** The fewest updates that a graph can be trained for: one in each of its stages. */
export const leastUpdatesOf = (document: GraphDocument): number =>
  Math.max(1, stagesOf(new GraphReader(document, library)).length);

/**
 * The graph without its audience, trained for `updates` in all, shared out among its stages. What trainers and losses count
 * in steps (warm-up, a later start) keeps its share of the training.
 */
export function trainingGraph(
  document: GraphDocument,
  { updates, batch, seed }: { updates: number; batch: number | null; seed: number },
): GraphDocument {
  const graph = new GraphReader(document, library);
  const share = updates / Math.max(1, plannedSteps(document, library));
  const edit = new GraphEdit(document);
  splitUpdates(edit, graph, updates);
  for (const { id } of graph.document.nodes) {
    const type = graph.type(id);
    if (type === undefined) continue;
    if (isAudience(type)) {
      edit.remove(id);
      continue;
    }
    if (type.trainer === undefined && type.family !== "loss") continue;
    const given = graph.params(id);
    const counted = Object.keys(type.params.shape).filter((name) => isInSteps(type, name) && Number(given[name]) > 0);
    edit.set(id, Object.fromEntries(counted.map((name) => [name, Math.round(Number(given[name]) * share)])));
    if (type.trainer === undefined) continue;
    const checkpointEvery = Math.max(10, Math.ceil(updates / CHECKPOINTS));
    edit.set(id, { steps: updates, checkpointEvery, ...(batch === null ? {} : { batch }) });
  }
  return { ...edit.result(`${updates} updates`), name: document.name, frames: [], seed };
}

/** Every stage keeps its share, and has one update at least; together they have exactly `updates`. */
function splitUpdates(edit: GraphEdit, graph: GraphReader, updates: number): void {
  const stages = stagesOf(graph);
  let [left, weight] = [updates, stages.reduce((sum, { steps }) => sum + steps, 0)];
  stages.forEach(({ id, steps }, i) => {
    const after = stages.length - 1 - i;
    const own = Math.max(1, Math.min(left - after, Math.round((left * steps) / weight)));
    edit.set(id, { steps: own });
    left -= own;
    weight -= steps;
  });
}

const isInSteps = ({ params }: NodeDefinition, name: string): boolean => {
  const schema = params.shape[name];
  return schema !== undefined && z.globalRegistry.get(schema)?.unit === "steps";
};

/** The evaluation's own halves: the teacher's is the same for all students of one teacher, and is done once. */
export function evaluationHalves(
  { document, teacher, start }: { document: GraphDocument; teacher: string; start: string | undefined },
  seed: number,
): { student: GraphDocument; teacher: GraphDocument } {
  const half = (without: string) => {
    const edit = new GraphEdit(document).remove(without);
    if (start !== undefined) edit.rename(start, START);
    return { ...withoutBlind(edit.result("arena")), name: document.name, seed };
  };
  return { student: half(teacher), teacher: half(GRID) };
}

/** Without scorers that see nothing now, and without what only they stood on. */
function withoutBlind(document: GraphDocument): GraphDocument {
  const graph = new GraphReader(document, library);
  const seeing = document.nodes.filter(({ id }) => {
    const type = graph.type(id);
    if (type?.sampler !== undefined) return true;
    return type?.scorer !== undefined && document.edges.some(({ to }) => to.node === id && to.socket === "trajectory");
  });
  const kept = graph.ancestors(seeing.map(({ id }) => id));
  return {
    ...document,
    nodes: document.nodes.filter(({ id }) => kept.has(id)),
    edges: document.edges.filter(({ from, to }) => kept.has(from.node) && kept.has(to.node)),
  };
}

/** Which pictures an evaluation begins from: data and Start, all parameters named, whatever the nodes are called. */
export function startOf(evaluation: GraphDocument): string {
  const graph = new GraphReader(evaluation, library);
  const nodes = [...graph.ancestors([START])].flatMap((id) => {
    const type = graph.type(id);
    return type === undefined || type.family === "schedule" ? [] : [canonicalJson([type.type, graph.params(id)])];
  });
  return nodes.sort().join("\n");
}

/** What the scorers of an evaluation measure, and with which network. */
export function metricsOf(evaluation: GraphDocument): ArenaMetric[] {
  const graph = new GraphReader(evaluation, library);
  return evaluation.nodes.flatMap(({ id }) => {
    const metrics = Object.entries(graph.type(id)?.scorer?.metrics ?? {});
    const encoder = graph.source(id, "weights")?.node;
    const model = encoder === undefined ? undefined : graph.params(encoder).model;
    const judge = typeof model === "string" ? model.replace(/^bundled:/, "") : null;
    return metrics.map(([metric, { title, better }]) => ({ id: metric, title, better, judge }));
  });
}
