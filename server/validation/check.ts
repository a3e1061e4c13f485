/** What the server wants to know of a graph before it runs. */
import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";

/** Uploads that graphs may refer to. */
export interface Uploads {
  readonly datasets: readonly UserDatasetInfo[];
  readonly models: readonly UserModelInfo[];
}

export interface GraphCheck {
  /** The parsed document, where it could be parsed at all. */
  readonly document?: GraphDocument;
  readonly issues: readonly Issue[];
  /** Training steps of a graph that can run, of all its stages; 0 when it trains nothing. */
  readonly steps: number;
}

/** Builds the graph symbolically. Takes a second for ten thousand nodes. */
export function checkGraph(graph: unknown, library: NodeLibrary, { datasets, models }: Uploads): GraphCheck {
  const refuse = async (path: string): Promise<never> => {
    throw new Error(`Validation reads no files, but was asked for "${path}".`);
  };
  const { document, issues, stages } = validateDocument(graph, library, {
    image: refuse,
    bytes: refuse,
    dataset: (id) => datasets.find((each) => each.id === id),
    model: (id) => models.find((each) => each.id === id),
  });
  return { ...(document === undefined ? {} : { document }), issues, steps: stages?.at(-1)?.end ?? 0 };
}
