/** What a run changes of its document: seed and single parameters. */
import type { GraphDocument, Issue } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Overrides } from "@distillery/shared/protocol/rest";
import { z } from "zod";

/** A copy of the document with the overrides in it, or what is wrong with them. */
export function applyOverrides(
  document: GraphDocument,
  overrides: Overrides,
  library: NodeLibrary,
): { document: GraphDocument; issues: Issue[] } {
  const issues: Issue[] = [];
  const refuse = (message: string, node?: string) =>
    issues.push({ severity: "error", code: "invalid-override", message, ...(node === undefined ? {} : { node }) });
  const nodes = document.nodes.map((node) => ({ ...node, params: { ...node.params } }));
  for (const [path, value] of Object.entries(overrides.params ?? {})) {
    // Ids may contain dots: the longest id that fits is meant.
    const node = nodes.filter(({ id }) => path.startsWith(`${id}.`)).sort((a, b) => b.id.length - a.id.length)[0];
    if (node === undefined) {
      refuse(
        `"${path}" names no parameter: write node.parameter with one of the graph's nodes (${some(nodes.map(({ id }) => id))}).`,
      );
      continue;
    }
    const name = path.slice(node.id.length + 1);
    const shape = library.get(node.type)?.params.shape;
    if (shape !== undefined && !Object.hasOwn(shape, name)) {
      refuse(
        `Node "${node.id}" (${node.type}) has no parameter "${name}"; it has ${some(Object.keys(shape))}.`,
        node.id,
      );
      continue;
    }
    node.params[name] = z.json().parse(value);
  }
  const seed = overrides.seed ?? document.seed;
  return { document: { ...document, nodes, seed }, issues };
}

const some = (names: readonly string[]): string =>
  names.length === 0 ? "none" : names.slice(0, 8).join(", ") + (names.length > 8 ? ", ..." : "");
