/** What a run changes of its document: seed and single parameters. */
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { withParameters } from "@distillery/shared/graph/overrides";
import type { Overrides } from "@distillery/shared/protocol/rest";

/** A copy of the document with the overrides in it, or what is wrong with them. */
export function applyOverrides(
  document: GraphDocument,
  overrides: Overrides,
  library: NodeLibrary,
): { document: GraphDocument; issues: Issue[] } {
  const { document: changed, problems } = withParameters(document, overrides.params ?? {}, library);
  const issues = problems.map((problem): Issue => ({ severity: "error", code: "invalid-override", ...problem }));
  return { document: { ...changed, seed: overrides.seed ?? document.seed }, issues };
}
