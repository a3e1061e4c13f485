/** Single parameters set from outside: `node.parameter` -> value, as the command line and training stages give them. */
import { z } from "zod";
import type { GraphDocument } from "./document";
import type { NodeLibrary } from "./node";

export interface OverrideProblem {
  readonly message: string;
  /** The node that lacks the parameter; absent where there is no such node. */
  readonly node?: string;
}

/** The node and parameter that `node.parameter` means; ids may contain dots: the longest id that fits is meant. */
export function overridden(document: GraphDocument, path: string): { node: string; name: string } | undefined {
  const fitting = document.nodes.filter(({ id }) => path.startsWith(`${id}.`)).map(({ id }) => id);
  const [node] = fitting.sort((a, b) => b.length - a.length);
  return node === undefined ? undefined : { node, name: path.slice(node.length + 1) };
}

/** A copy of the document with these parameters set, and what names none. Values are checked where the document is. */
export function withParameters(
  document: GraphDocument,
  values: Readonly<Record<string, unknown>>,
  library: NodeLibrary,
): { document: GraphDocument; problems: OverrideProblem[] } {
  const problems: OverrideProblem[] = [];
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  for (const [path, value] of Object.entries(values)) {
    const found = overridden(document, path);
    const node = found && nodes.get(found.node);
    if (found === undefined || node === undefined) {
      const known = some(document.nodes.map(({ id }) => id));
      problems.push({
        message: `"${path}" names no parameter: write node.parameter with one of the graph's nodes (${known}).`,
      });
      continue;
    }
    const shape = library.get(node.type)?.params.shape;
    if (shape !== undefined && !Object.hasOwn(shape, found.name)) {
      problems.push({
        message: `Node "${node.id}" (${node.type}) has no parameter "${found.name}"; it has ${some(Object.keys(shape))}.`,
        node: node.id,
      });
      continue;
    }
    nodes.set(node.id, { ...node, params: { ...node.params, [found.name]: z.json().parse(value) } });
  }
  return { document: { ...document, nodes: [...nodes.values()] }, problems };
}

const some = (names: readonly string[]): string =>
  names.length === 0 ? "none" : names.slice(0, 8).join(", ") + (names.length > 8 ? ", ..." : "");
