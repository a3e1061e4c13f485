/** The graph of an evaluation as it can really run here: without wires and scorers that the data turns out not to fit. */
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import { library } from "../packs/library";
import type { RunManager } from "../runs/manager";
import {
  type EvaluationOptions,
  evaluationGraph,
  NothingToEvaluate,
  PICTURES,
  withoutEmptyWires,
  withoutMisfits,
} from "./evaluation";

export interface Evaluation {
  readonly document: GraphDocument;
  /** Sampler of the teacher. */
  readonly teacher: string;
  /** The Start that all paths begin at. */
  readonly start: string | undefined;
}

/** @throws NothingToEvaluate when the graph cannot be evaluated. */
export async function evaluableGraph(
  runs: RunManager,
  graph: GraphDocument,
  options: Omit<EvaluationOptions, "hasModel">,
): Promise<Evaluation> {
  const resources = runs.resources();
  const hasModel = (id: string) => resources.model(id) !== undefined;
  const { document, ...rest } = evaluationGraph(graph, library, { ...options, hasModel });
  const isEmpty = ({ code }: Issue) => code === "no-value";
  const first = await runs.validate(document);
  const fed = withoutEmptyWires(document, first.issues.filter(isEmpty));
  // What a wire without a value hid shows only now.
  const { issues } = await runs.validate(fed);
  const fitting = withoutMisfits(
    fed,
    issues.filter(({ severity }) => severity === "error"),
  );
  if (!fitting.nodes.some(({ id, type }) => id !== PICTURES && library.get(type)?.scorer !== undefined))
    throw new NothingToEvaluate(
      "there is nothing to compare: what it samples is nothing that the scorers here judge, pictures.",
    );
  return { document: fitting, ...rest };
}
