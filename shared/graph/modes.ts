/**
 * Muted and bypassed nodes: the document as it is computed. A muted node is left out; a bypassed one is replaced, output by
 * output, by what arrives at its input of the same wire type. What only fed such a node is left out with it.
 */
import type { GraphDocument, GraphEdge, GraphNode, Issue } from "./document";
import type { NodeDefinition, NodeLibrary } from "./node";

export interface Effective {
  readonly document: GraphDocument;
  readonly issues: readonly Issue[];
  /** Inputs (`node.socket`) that lost their wire to a mode; `issues` says so wherever that matters. */
  readonly explained: ReadonlySet<string>;
}

const NONE: Effective["explained"] = new Set();

/** Nodes that do something of their own, whoever reads their outputs. */
const acts = (definition: NodeDefinition | undefined): boolean =>
  [definition?.trainer, definition?.exporter, definition?.scorer, definition?.survey].some(
    (part) => part !== undefined,
  );

/** `document` without modes: what is left is what runs. Does nothing where no node has a mode. */
export function effectiveDocument(document: GraphDocument, library: Pick<NodeLibrary, "get">): Effective {
  if (document.nodes.every(({ mode }) => mode === undefined)) return { document, issues: [], explained: NONE };
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const typeOf = (node: GraphNode | undefined) => library.get(node?.type ?? "");
  const titleOf = (node: GraphNode) => node.title ?? typeOf(node)?.title ?? node.id;
  const modeOf = (id: string) => nodes.get(id)?.mode;
  const arriving = groupBy(document.edges, ({ to }) => to.node);
  const issues: Issue[] = [];
  const explained = new Set<string>();

  /** Where the value of an output really comes from; or why it comes from nowhere. */
  function sources(
    { node: id, socket }: GraphEdge["from"],
    passed: readonly string[] = [],
  ): GraphEdge["from"][] | string {
    const node = nodes.get(id);
    if (node?.mode === undefined) return [{ node: id, socket }];
    const title = titleOf(node);
    if (node.mode === "mute") return `"${title}" is muted`;
    const type = typeOf(node)?.outputs[socket]?.type;
    const inputs = Object.entries(typeOf(node)?.inputs ?? {}).flatMap(([name, input]) =>
      input.type === type ? name : [],
    );
    const fits = inputs.includes(socket) ? [socket, ...inputs] : inputs;
    if (fits.length === 0)
      return `"${title}" is bypassed, but has no input of type ${type ?? "unknown"} to stand in for "${socket}"`;
    if (passed.includes(id)) return `"${title}" is bypassed in a circle`;
    const edges = fits
      .map((name) => (arriving.get(id) ?? []).filter(({ to }) => to.socket === name))
      .find((found) => found.length > 0);
    if (edges === undefined) return `"${title}" is bypassed, and nothing arrives at its input "${fits[0]}"`;
    const found = edges.map(({ from }) => sources(from, [...passed, id]));
    return (
      found.find((each) => typeof each === "string") ?? found.flatMap((each) => (typeof each === "string" ? [] : each))
    );
  }

  const edges = document.edges.flatMap((edge): GraphEdge[] => {
    if (modeOf(edge.to.node) !== undefined) return [];
    if (modeOf(edge.from.node) === undefined) return [edge];
    const from = sources(edge.from);
    if (typeof from !== "string") return from.map((end) => ({ from: end, to: edge.to }));
    const reader = nodes.get(edge.to.node);
    const input = typeOf(reader)?.inputs[edge.to.socket];
    explained.add(`${edge.to.node}.${edge.to.socket}`);
    const isWanted = input?.cardinality === "one" || modeOf(edge.from.node) === "bypass";
    if (reader !== undefined && isWanted)
      issues.push({
        severity: "error",
        code: "mode-input",
        message: `Input "${edge.to.socket}" of "${titleOf(reader)}" gets nothing: ${from}.`,
        node: reader.id,
        socket: edge.to.socket,
        edge,
      });
    return [];
  });

  const left = leftOver(document, edges, (node) => acts(typeOf(node)));
  const kept = document.nodes.filter(({ id, mode }) => mode === undefined && !left.has(id));
  const ids = new Set(kept.map(({ id }) => id));
  const isKept = (node: GraphNode | undefined) => node !== undefined && ids.has(node.id);
  return {
    document: {
      ...document,
      nodes: kept,
      edges: edges.filter(({ from, to }) => !left.has(from.node) && !left.has(to.node)),
    },
    issues: issues.filter(({ node }) => isKept(nodes.get(node ?? ""))),
    explained,
  };
}

/** Nodes that were there only for nodes with a mode: nothing that still runs is reached from them. */
function leftOver(
  document: GraphDocument,
  edges: readonly GraphEdge[],
  acting: (node: GraphNode) => boolean,
): ReadonlySet<string> {
  const wired = new Set(document.edges.map(({ from }) => from.node));
  const live = document.nodes.filter((node) => node.mode === undefined && (acting(node) || !wired.has(node.id)));
  const needed = upstream(edges, live);
  const moded = document.nodes.filter(({ mode }) => mode !== undefined);
  return new Set([...upstream(document.edges, moded)].filter((id) => !needed.has(id)));
}

function upstream(edges: readonly GraphEdge[], start: readonly GraphNode[]): Set<string> {
  const arriving = groupBy(edges, ({ to }) => to.node);
  const found = new Set<string>();
  const waiting = start.map(({ id }) => id);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const { from } of arriving.get(id) ?? []) waiting.push(from.node);
  }
  return found;
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
