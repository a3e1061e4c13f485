/** A training that is to go on for longer than its graph plans, with schedules that reach as far. */
import type { GraphDocument } from "../graph/document";
import type { NodeLibrary } from "../graph/node";
import { withParameters } from "../graph/overrides";
import { type ResolvedNode, resolveDocument } from "./resolve";
import { trainingStagesOf } from "./trainingStages";

/** The document planned for `steps` in all: its last stage is longer then, or the trainers that go on to its end. */
export function stretched(document: GraphDocument, steps: number, library: NodeLibrary): GraphDocument {
  const { graph } = resolveDocument(document, library);
  if (graph === undefined) return document;
  const { stages } = trainingStagesOf(graph, library);
  const last = stages.at(-1);
  if (last !== undefined) {
    const before = stages.slice(0, -1).reduce((sum, stage) => sum + stage.steps, 0);
    return withParameters(document, { [`${last.node}.steps`]: steps - before }, library).document;
  }
  const lengthOf = ({ definition, params }: ResolvedNode) => definition.trainer?.stage(params).steps ?? 0;
  const longest = Math.max(...graph.order.map(lengthOf));
  const toTheEnd = graph.order.filter((node) => lengthOf(node) === longest);
  return withParameters(document, Object.fromEntries(toTheEnd.map(({ id }) => [`${id}.steps`, steps])), library)
    .document;
}
