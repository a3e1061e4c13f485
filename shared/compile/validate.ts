/** Everything that can be said about a document before it runs: the same building that a run does, without values. */
import type { GraphDocument, Issue } from "../graph/document";
import type { NodeLibrary } from "../graph/node";
import type { Resources } from "../graph/wires";
import { buildPlan, type Plan } from "./plan";
import { resolveDocument } from "./resolve";

export interface Validation {
  /** The parsed document, where it could be parsed at all. */
  document?: GraphDocument;
  /** Present when there is no error. */
  plan?: Plan;
  issues: Issue[];
}

export function validateDocument(input: unknown, library: NodeLibrary, resources: Resources): Validation {
  const { graph, document, issues } = resolveDocument(input, library);
  const parsed = document === undefined ? {} : { document };
  if (graph === undefined) return { ...parsed, issues };
  const built = buildPlan(graph, resources);
  const all = [...issues, ...built.issues];
  const failed = all.some((issue) => issue.severity === "error");
  return { ...parsed, issues: all, ...(failed ? {} : { plan: built.plan }) };
}

/** A document that cannot run: one line for people, and every finding. */
export class InvalidGraphError extends Error {
  constructor(readonly issues: readonly Issue[]) {
    const errors = issues.filter((issue) => issue.severity === "error");
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    super(`${errors[0]?.message ?? "The graph is not valid."}${more}`);
  }
}

/** The plan of a document, or an InvalidGraphError. */
export function compileDocument(input: unknown, library: NodeLibrary, resources: Resources): Plan {
  const { plan, issues } = validateDocument(input, library, resources);
  if (plan === undefined) throw new InvalidGraphError(issues);
  return plan;
}
