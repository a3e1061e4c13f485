/** Single parameters set from outside: `node.parameter` -> value, as the command line and training stages give them. */
import { z } from "zod";
import type { GraphDocument, GraphNode, Subgraph } from "./document";
import { type FlatGraph, flatten } from "./flatten";
import type { NodeLibrary } from "./node";
import { splitPath, subgraphIdOf, subgraphsById } from "./subgraph";

export interface OverrideProblem {
  readonly message: string;
  /** The node that lacks the parameter; absent where there is no such node. */
  readonly node?: string;
}

/**
 * The node and parameter of the flat graph that `node.parameter` means: a flat id, a path of instances, or the id a node has
 * inside its subgraph, where only one has it. `beside` is a node that says it: names next to it, then around it, come first.
 */
export function overridden(
  flat: FlatGraph,
  path: string,
  beside?: string,
): { node: string; name: string } | { several: readonly string[] } | undefined {
  const ids = flat.document.nodes.map(({ id }) => id);
  for (const scope of scopesOf(beside)) {
    const found = splitPath(scope + path, ids);
    if (found !== undefined) return found;
  }
  const nameOf = (id: string) => flat.places.get(id)?.at(-1) ?? id;
  const byPath = new Map(ids.map((id) => [flat.places.get(id)?.join(".") ?? id, id]));
  const placed = splitPath(path, byPath.keys());
  if (placed !== undefined) return { node: byPath.get(placed.node) ?? placed.node, name: placed.name };
  const inner = splitPath(path, ids.map(nameOf));
  if (inner === undefined) return undefined;
  const several = ids.filter((id) => nameOf(id) === inner.node);
  return several.length === 1 && several[0] !== undefined ? { node: several[0], name: inner.name } : { several };
}

/** The node of the flat graph that `beside` means by a name: next to it, then around it. */
export const nodeNamed = (flat: FlatGraph, name: string, beside: string): string | undefined =>
  scopesOf(beside)
    .map((scope) => scope + name)
    .find((id) => flat.document.nodes.some((node) => node.id === id));

/** `a.b.c` -> `a.b.`, `a.`, nothing. */
function scopesOf(node: string | undefined): string[] {
  const parts = node?.split(".").slice(0, -1) ?? [];
  return [...parts.map((_, at) => `${parts.slice(0, parts.length - at).join(".")}.`), ""];
}

/** A copy of the document with these parameters set, and what names none. Values are checked where the document is. */
export function withParameters(
  document: GraphDocument,
  values: Readonly<Record<string, unknown>>,
  library: Pick<NodeLibrary, "get">,
  beside?: string,
): { document: GraphDocument; problems: OverrideProblem[] } {
  const problems: OverrideProblem[] = [];
  const flat = flatten(document);
  const nodes = new Map(flat.document.nodes.map((node) => [node.id, node]));
  let changed = document;
  for (const [path, value] of Object.entries(values)) {
    const found = overridden(flat, path, beside);
    if (found !== undefined && "several" in found) {
      problems.push({ message: `"${path}" may mean any of ${some(found.several)}: write which one.` });
      continue;
    }
    if (found === undefined) {
      const known = some([...nodes.keys()]);
      problems.push({
        message: `"${path}" names no parameter: write node.parameter with one of the graph's nodes (${known}).`,
      });
      continue;
    }
    const node = nodes.get(found.node);
    if (node === undefined) continue;
    const shape = library.get(node.type)?.params.shape;
    if (shape !== undefined && !Object.hasOwn(shape, found.name)) {
      problems.push({
        message: `Node "${node.id}" (${node.type}) has no parameter "${found.name}"; it has ${some(Object.keys(shape))}.`,
        node: node.id,
      });
      continue;
    }
    changed = withParameter(changed, flat.places.get(node.id) ?? [node.id], found.name, z.json().parse(value));
  }
  return { document: changed, problems };
}

/**
 * Sets a parameter where the node is: at the node itself, or, where other instances share its subgraph or the value comes
 * from outside already, at the outermost instance, so that nothing else changes.
 */
function withParameter(
  document: GraphDocument,
  place: readonly string[],
  name: string,
  value: GraphNode["params"][string],
): GraphDocument {
  const set = (nodes: readonly GraphNode[], id: string, key: string) =>
    nodes.map((node) => (node.id === id ? { ...node, params: { ...node.params, [key]: value } } : node));
  const known = subgraphsById(document);
  let nodes: readonly GraphNode[] = document.nodes;
  let inside: Subgraph | undefined;
  let isShared = false;
  for (const [depth, id] of place.slice(0, -1).entries()) {
    const instance = nodes.find((node) => node.id === id);
    const key = [...place.slice(depth + 1), name].join(".");
    if (instance !== undefined && Object.hasOwn(instance.params, key))
      return replaced(document, inside, set(nodes, id, key));
    inside = known.get((instance && subgraphIdOf(instance)) ?? "");
    isShared ||= instancesOf(document, inside?.id) > 1;
    nodes = inside?.nodes ?? [];
  }
  const [top = ""] = place;
  if (isShared) return { ...document, nodes: set(document.nodes, top, [...place.slice(1), name].join(".")) };
  return replaced(document, inside, set(nodes, place.at(-1) ?? "", name));
}

const replaced = (document: GraphDocument, inside: Subgraph | undefined, nodes: GraphNode[]): GraphDocument =>
  inside === undefined
    ? { ...document, nodes }
    : {
        ...document,
        subgraphs: (document.subgraphs ?? []).map((each) => (each.id === inside.id ? { ...each, nodes } : each)),
      };

const instancesOf = (document: GraphDocument, id: string | undefined): number =>
  [document, ...(document.subgraphs ?? [])].flatMap(({ nodes }) => nodes).filter((node) => subgraphIdOf(node) === id)
    .length;

const some = (names: readonly string[]): string =>
  names.length === 0 ? "none" : names.slice(0, 8).join(", ") + (names.length > 8 ? ", ..." : "");
