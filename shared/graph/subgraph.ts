/** How subgraphs stand in a document: instances are nodes of the type `subgraph/ID`, two nodes inside are the border. */
import type { GraphDocument, GraphEdge, GraphFrame, GraphNode, Subgraph } from "./document";

const PREFIX = "subgraph/";

/** Inside a subgraph: the node whose outputs are what arrives from outside. */
export const INPUTS_TYPE = `${PREFIX}inputs`;
/** Inside a subgraph: the node whose inputs are what leaves it. */
export const OUTPUTS_TYPE = `${PREFIX}outputs`;

export const instanceType = (subgraph: string): string => PREFIX + subgraph;
export const isBorder = ({ type }: Pick<GraphNode, "type">): boolean => type === INPUTS_TYPE || type === OUTPUTS_TYPE;

/** Whether a node's type is made of the document's own subgraphs: an instance, or a border. */
export const isDefinedHere = ({ type }: Pick<GraphNode, "type">): boolean => type.startsWith(PREFIX);

/** Id of the subgraph that a node stands for; undefined where it is an ordinary node. */
export const subgraphIdOf = ({ type }: Pick<GraphNode, "type">): string | undefined =>
  isDefinedHere({ type }) && !isBorder({ type }) ? type.slice(PREFIX.length) : undefined;

/** One sheet of a document: its top, or the inside of a subgraph. */
export interface Sheet {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly frames: readonly GraphFrame[];
}

export const subgraphsById = (document: Pick<GraphDocument, "subgraphs">): Map<string, Subgraph> =>
  new Map((document.subgraphs ?? []).map((subgraph) => [subgraph.id, subgraph]));

/** Subgraphs that `nodes` stand for, and what those hold in turn. */
export function usedSubgraphs<T extends { readonly nodes: Iterable<GraphNode> }>(
  nodes: Iterable<GraphNode>,
  find: (id: string) => T | undefined,
): Map<string, T> {
  const used = new Map<string, T>();
  const waiting = [...nodes];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const id = subgraphIdOf(node);
    const subgraph = id === undefined || used.has(id) ? undefined : find(id);
    if (id === undefined || subgraph === undefined) continue;
    used.set(id, subgraph);
    for (const inner of subgraph.nodes) waiting.push(inner);
  }
  return used;
}

/** `NODE.name` taken apart, NODE being the longest of the ids that fits: ids may contain dots themselves. */
export function splitPath(path: string, ids: Iterable<string>): { node: string; name: string } | undefined {
  let node: string | undefined;
  for (const id of ids) if (path.startsWith(`${id}.`) && id.length > (node?.length ?? 0)) node = id;
  return node === undefined || path.length === node.length + 1
    ? undefined
    : { node, name: path.slice(node.length + 1) };
}
