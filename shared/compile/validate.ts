/** Everything that can be said about a document before it runs: the same building that a run does, without values. */
import type { GraphDocument, Issue } from "../graph/document";
import type { NodeLibrary } from "../graph/node";
import type { Resources } from "../graph/wires";
import { buildPlan } from "./plan";
import { resolveDocument } from "./resolve";
import type { Plan } from "./stages";

export interface Validation {
  /** The parsed document, where it could be parsed at all. */
  document?: GraphDocument;
  /** Present when there is no error and no model left to import. */
  plan?: Plan;
  issues: Issue[];
}

export function validateDocument(input: unknown, library: NodeLibrary, resources: Resources): Validation {
  const { graph, document, issues } = resolveDocument(input, library);
  const parsed = document === undefined ? {} : { document };
  if (graph === undefined) return { ...parsed, issues };
  const built = buildPlan(graph, resources);
  const all = [...issues, ...(resources.importedModel === undefined ? built.issues.map(deferred) : built.issues)];
  return { ...parsed, issues: all, ...(all.some(hidesParts) ? {} : { plan: built.plan }) };
}

const MODEL_NOT_IMPORTED = "model-not-imported";

/** Where model files cannot be imported (a browser, the server's own process), that is left to the run's worker. */
const deferred = (issue: Issue): Issue =>
  issue.code === MODEL_NOT_IMPORTED
    ? {
        ...issue,
        severity: "warning",
        message: `${issue.message} What follows from it is checked then.`,
      }
    : issue;

/** A finding after which not everything was built. */
const hidesParts = ({ severity, code }: Issue): boolean => severity === "error" || code === MODEL_NOT_IMPORTED;

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
