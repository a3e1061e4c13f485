/** "Why can't I connect these?" in one sentence. */
import { type Endpoint, edgeKey, type GraphNode } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { isBorder } from "@distillery/shared/graph/subgraph";
import { NEW_PORT } from "@distillery/shared/graph/subgraphDefinition";
import { say } from "../language";
import { type Converter, converterBetween } from "./converter";
import type { GraphView } from "./records";

export const titleOf = (node: GraphNode, library: Pick<NodeLibrary, "get">): string =>
  node.title ?? library.get(node.type)?.title ?? node.type;

const words = say.document.connection;

/**
 * Whether what arrives at input `to` could flow out of output `from` within one step: links into delayed inputs do not
 * count, because what arrives there acts on the next step. Through a subgraph data flows only where it does inside.
 */
function flowsBack(graph: GraphView, library: Pick<NodeLibrary, "get">, to: Endpoint, from: Endpoint): boolean {
  const seen = new Set<string>();
  const stack = [to];
  for (let end = stack.pop(); end !== undefined; end = stack.pop()) {
    const { node, socket } = end;
    const led = library.get(graph.nodes.get(node)?.type ?? "")?.leads?.(socket);
    if (node === from.node && (led?.has(from.socket) ?? true)) return true;
    const key = led === undefined ? node : `${node}|${socket}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const edgeId of graph.edgesOf(node)) {
      const edge = graph.edges.get(edgeId);
      if (edge?.from.node !== node || (led !== undefined && !led.has(edge.from.socket))) continue;
      if (!isDelayedInput(graph, library, edge.to)) stack.push(edge.to);
    }
  }
  return false;
}

function isDelayedInput(graph: GraphView, library: Pick<NodeLibrary, "get">, to: Endpoint): boolean {
  const node = graph.nodes.get(to.node);
  return node !== undefined && library.get(node.type)?.inputs[to.socket]?.isDelayed === true;
}

const closesLoop = (graph: GraphView, library: Pick<NodeLibrary, "get">, from: Endpoint, to: Endpoint): boolean =>
  !isDelayedInput(graph, library, to) && flowsBack(graph, library, to, from);

/** The node that would let output `from` feed input `to` after all, where their kinds differ and no loop would close. */
export function converterFor(
  graph: GraphView,
  library: Pick<NodeLibrary, "get" | "all">,
  from: Endpoint,
  to: Endpoint,
): Converter | null {
  const typeOf = (node: string) => library.get(graph.nodes.get(node)?.type ?? "");
  const output = typeOf(from.node)?.outputs[from.socket]?.type;
  const input = typeOf(to.node)?.inputs[to.socket]?.type;
  if (!output || !input || output === input || closesLoop(graph, library, from, to)) return null;
  return converterBetween(library, output, input);
}

/**
 * The reason why output `from` cannot feed input `to`, as one sentence for people, or `null` when it can.
 * A link that would replace the present one of a single input is allowed.
 */
export function explainConnection(
  graph: GraphView,
  library: Pick<NodeLibrary, "get" | "all">,
  from: Endpoint,
  to: Endpoint,
): string | null {
  const source = graph.nodes.get(from.node);
  const target = graph.nodes.get(to.node);
  if (!source || !target) return words.nodeGone;
  const sourceType = library.get(source.type);
  const targetType = library.get(target.type);
  const unknown = !sourceType ? source : !targetType ? target : undefined;
  if (!sourceType || !targetType) return words.unknownType(unknown?.type);
  const sourceTitle = titleOf(source, library);
  const targetTitle = titleOf(target, library);
  const output = sourceType.outputs[from.socket];
  const input = targetType.inputs[to.socket];
  if (!output) return words.noOutput(sourceTitle, from.socket);
  if (!input) return words.noInput(targetTitle, to.socket);
  const drawsPort = from.socket === NEW_PORT || to.socket === NEW_PORT;
  if (drawsPort) return explainPort(source, target, from, to);
  if (output.type !== input.type) {
    const helper = converterFor(graph, library, from, to)?.definition;
    return words.mismatch({
      output: from.socket,
      gives: output.type,
      input: to.socket,
      target: targetTitle,
      takes: input.type,
      helper: helper?.title,
    });
  }
  if (graph.edges.has(edgeKey({ from, to }))) return words.connected;
  if (closesLoop(graph, library, from, to)) {
    if (from.node === to.node) return words.feedsItself(sourceTitle);
    return words.closesLoop(sourceTitle, targetTitle);
  }
  return null;
}

/** The free place of a border takes any wire, but one that only passes through. */
function explainPort(source: GraphNode, target: GraphNode, from: Endpoint, to: Endpoint): string | null {
  if (isBorder(source) && isBorder(target) && from.socket === to.socket) return words.bothFree;
  return null;
}
