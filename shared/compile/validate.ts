/**
 * Everything that can be said about a document before it runs: the same building that a run does, without values.
 * Where `resources` cannot import model files (a browser, the server's own process), nodes build stand-ins of the same shapes.
 */
import type { GraphDocument, Issue } from "../graph/document";
import type { NodeLibrary } from "../graph/node";
import type { Resources } from "../graph/wires";
import type { ModelImports } from "../onnx/modelImports";
import { buildPlan } from "./plan";
import { resolveDocument } from "./resolve";
import type { Plan } from "./stages";

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
  return { ...parsed, issues: all, ...(all.some(({ severity }) => severity === "error") ? {} : { plan: built.plan }) };
}

/** A document that cannot run: one line for people, and every finding. */
export class InvalidGraphError extends Error {
  constructor(readonly issues: readonly Issue[]) {
    const errors = issues.filter((issue) => issue.severity === "error");
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    super(`${errors[0]?.message ?? "The graph is not valid."}${more}`);
  }
}

/** The plan of a document, or an InvalidGraphError. Without an importer in `resources`, files are stand-ins that cannot run. */
export function compileDocument(input: unknown, library: NodeLibrary, resources: Resources): Plan {
  return planOf(validateDocument(input, library, resources));
}

/** `compileDocument` with model files in place, imported in rounds: only with one in place does the next one show. */
export async function compileImporting(
  input: unknown,
  library: NodeLibrary,
  resources: Resources,
  imports: ModelImports,
): Promise<Plan> {
  const importing = { ...resources, importedModel: imports.get };
  let validation = validateDocument(input, library, importing);
  while (await imports.importAsked()) validation = validateDocument(input, library, importing);
  return planOf(validation);
}

function planOf({ plan, issues }: Validation): Plan {
  if (plan === undefined) throw new InvalidGraphError(issues);
  return plan;
}
