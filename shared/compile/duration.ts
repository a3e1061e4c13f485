/** How many steps a graph plans to train for, and a longer training of it, with schedules that reach as far. */
import type { GraphDocument } from "../graph/document";
import type { NodeLibrary } from "../graph/node";
import { withParameters } from "../graph/overrides";
import { type ResolvedGraph, type ResolvedNode, resolveDocument } from "./resolve";
import { type TrainingStage, trainingStagesOf } from "./trainingStages";

/** Steps of all stages; 0 for a graph that trains nothing or cannot be read. */
export function plannedSteps(document: GraphDocument, library: Pick<NodeLibrary, "get">): number {
  const { graph } = resolveDocument(document, library);
  if (graph === undefined) return 0;
  const { stages } = trainingStagesOf(graph, library);
  return stages.length > 0 ? total(stages) : longest(graph);
}

/** The document planned for `steps` in all: its last stage is longer then, or the trainers that go on to its end. */
export function stretched(document: GraphDocument, steps: number, library: Pick<NodeLibrary, "get">): GraphDocument {
  const { graph } = resolveDocument(document, library);
  if (graph === undefined) return document;
  const { stages } = trainingStagesOf(graph, library);
  const last = stages.at(-1);
  const lengths: [string, number][] =
    last === undefined
      ? graph.order.filter((node) => lengthOf(node) === longest(graph)).map(({ id }) => [id, steps])
      : [[last.node, steps - total(stages.slice(0, -1))]];
  const values = Object.fromEntries(lengths.map(([id, length]) => [`${id}.steps`, length]));
  return withParameters(document, values, library).document;
}

const total = (stages: readonly TrainingStage[]): number => stages.reduce((sum, { steps }) => sum + steps, 0);
const lengthOf = ({ definition, params }: ResolvedNode): number => definition.trainer?.stage(params).steps ?? 0;
const longest = ({ order }: ResolvedGraph): number => Math.max(0, ...order.map(lengthOf));
