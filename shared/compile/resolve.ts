/** Document -> resolved graph: no modes left, known node types, migrated and checked params, wires that fit, an order to emit in. */
import type { z } from "zod";
import {
  documentSchema,
  edgeKey,
  type GraphDocument,
  type GraphEdge,
  type GraphNode,
  type Issue,
} from "../graph/document";
import { flatten } from "../graph/flatten";
import { effectiveDocument } from "../graph/modes";
import type { NodeDefinition, NodeLibrary } from "../graph/node";
import { subgraphIdOf } from "../graph/subgraph";

export interface ResolvedNode {
  readonly id: string;
  readonly title: string;
  readonly definition: NodeDefinition;
  readonly params: Record<string, unknown>;
  /** Input socket -> the links that arrive there, in document order. */
  readonly inputs: ReadonlyMap<string, readonly GraphEdge[]>;
}

export interface ResolvedGraph {
  /** The flat graph: what is folded into subgraphs stands in it as ordinary nodes. */
  readonly document: GraphDocument;
  /** Which of the run's stages of training the document is for, 0 the first. */
  readonly stageIndex: number;
  /** Nodes whose change was worked into their base before this stage. */
  readonly merged: ReadonlySet<string>;
  readonly nodes: ReadonlyMap<string, ResolvedNode>;
  /** Sources first; links into delayed sockets do not count. */
  readonly order: readonly ResolvedNode[];
}

/** More findings than this help nobody; the rest is summed up in one. */
const MAX_ISSUES = 200;

/** With one of these, subgraphs stay folded, and whatever is said about the rest would mislead. */
const UNEXPANDED = ["duplicate-subgraph", "subgraph-recursion", "too-large"];

export function resolveDocument(
  input: unknown,
  library: Pick<NodeLibrary, "get">,
  stageIndex = 0,
  merged: ReadonlySet<string> = new Set(),
): { graph?: ResolvedGraph; document?: GraphDocument; issues: Issue[] } {
  const parsed = documentSchema.safeParse(input);
  if (!parsed.success) return { issues: capped(parsed.error.issues.map((issue) => documentIssue(input, issue))) };
  const flat = flatten(parsed.data);
  if (flat.issues.some(({ code }) => UNEXPANDED.includes(code)))
    return { document: parsed.data, issues: [...flat.issues] };
  const { document, issues: found, explained } = effectiveDocument(flat.document, library);
  const issues: Issue[] = [...flat.issues, ...found];
  const seen = new Set<string>();
  const known = new Map<string, { node: GraphNode; definition: NodeDefinition; params: Record<string, unknown> }>();
  for (const node of document.nodes) {
    if (seen.has(node.id)) {
      issues.push({
        severity: "error",
        code: "duplicate-node",
        message: `Two nodes have the id "${node.id}"; give one another id.`,
        node: node.id,
      });
      continue;
    }
    seen.add(node.id);
    const definition = library.get(node.type);
    if (definition === undefined) {
      const subgraph = subgraphIdOf(node);
      issues.push({
        severity: "error",
        code: subgraph === undefined ? "unknown-type" : "missing-subgraph",
        message:
          subgraph === undefined
            ? `Node "${label(node)}" has the unknown type "${node.type}".`
            : `"${label(node)}" stands for the subgraph "${subgraph}", which this graph does not contain; copy it here again or delete the node.`,
        node: node.id,
      });
      continue;
    }
    const params = readParams(node, definition, issues);
    if (params !== undefined) known.set(node.id, { node, definition, params });
  }
  const inputs = connect(document, seen, known, issues);
  const nodes = new Map<string, ResolvedNode>();
  for (const [id, { node, definition, params }] of known) {
    nodes.set(id, {
      id,
      title: node.title ?? definition.title,
      definition,
      params,
      inputs: inputs.get(id) ?? new Map(),
    });
  }
  for (const node of nodes.values()) requireInputs(node, explained, issues);
  const order = topologicalOrder(nodes);
  refuseCycles(nodes, order, issues);
  const failed = issues.some((issue) => issue.severity === "error");
  return {
    document: parsed.data,
    issues: capped(issues),
    ...(failed ? {} : { graph: { document, stageIndex, merged, nodes, order } }),
  };
}

const label = (node: { id: string; title?: string | undefined }): string => node.title ?? node.id;

function documentIssue(input: unknown, issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map(String);
  const base: Issue = {
    severity: "error",
    code: "invalid-document",
    message: `${path.join(".") || "document"}: ${issue.message}`,
  };
  if (path[0] === "nodes" && path[1] !== undefined && typeof input === "object" && input !== null && "nodes" in input) {
    const nodes = input.nodes;
    const node: unknown = Array.isArray(nodes) ? nodes[Number(path[1])] : undefined;
    if (typeof node === "object" && node !== null && "id" in node && typeof node.id === "string") base.node = node.id;
  }
  return base;
}

const strict = new WeakMap<NodeDefinition, z.ZodType<Record<string, unknown>>>();

/** Made once per node type: zod compiles a schema when it is first used, which costs more than using it. */
function strictParams(definition: NodeDefinition): z.ZodType<Record<string, unknown>> {
  const known = strict.get(definition) ?? definition.params.strict();
  strict.set(definition, known);
  return known;
}

function readParams(node: GraphNode, definition: NodeDefinition, issues: Issue[]): Record<string, unknown> | undefined {
  const version = node.version ?? 1;
  if (version > definition.version) {
    issues.push({
      severity: "error",
      code: "unknown-version",
      message: `Node "${label(node)}" was written for version ${version} of ${node.type}; this program knows version ${definition.version}.`,
      node: node.id,
    });
    return undefined;
  }
  const current =
    version < definition.version && definition.migrate ? definition.migrate(node.params, version) : node.params;
  const parsed = strictParams(definition).safeParse(current);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const field = issue.path.map(String).join(".");
    const message =
      issue.code === "unrecognized_keys"
        ? `Node "${label(node)}" has no parameter "${issue.keys.join('", "')}".`
        : `Node "${label(node)}", parameter "${field}": ${issue.message}`;
    issues.push({
      severity: "error",
      code: issue.code === "unrecognized_keys" ? "unknown-parameter" : "invalid-parameter",
      message,
      node: node.id,
    });
  }
  return undefined;
}

function connect(
  document: GraphDocument,
  seen: ReadonlySet<string>,
  known: ReadonlyMap<string, { node: GraphNode; definition: NodeDefinition }>,
  issues: Issue[],
): Map<string, Map<string, GraphEdge[]>> {
  const inputs = new Map<string, Map<string, GraphEdge[]>>();
  const keys = new Set<string>();
  for (const edge of document.edges) {
    const refuse = (code: string, message: string, node: string, socket: string) =>
      issues.push({ severity: "error", code, message, node, socket, edge });
    const missing = [edge.from, edge.to].find((end) => !seen.has(end.node));
    if (missing !== undefined) {
      issues.push({
        severity: "error",
        code: "dangling-edge",
        message: `A wire ends at node "${missing.node}", which does not exist.`,
        edge,
      });
      continue;
    }
    const from = known.get(edge.from.node);
    const to = known.get(edge.to.node);
    if (from === undefined || to === undefined) continue;
    const source = from.definition.outputs[edge.from.socket];
    const target = to.definition.inputs[edge.to.socket];
    if (source === undefined) {
      refuse(
        "unknown-socket",
        `Node "${label(from.node)}" has no output "${edge.from.socket}".`,
        edge.from.node,
        edge.from.socket,
      );
      continue;
    }
    if (target === undefined) {
      refuse(
        "unknown-socket",
        `Node "${label(to.node)}" has no input "${edge.to.socket}".`,
        edge.to.node,
        edge.to.socket,
      );
      continue;
    }
    if (source.type !== target.type) {
      refuse(
        "type-mismatch",
        `"${label(from.node)}" gives ${source.type} at "${edge.from.socket}", but "${label(to.node)}" takes ${target.type} at "${edge.to.socket}".`,
        edge.to.node,
        edge.to.socket,
      );
      continue;
    }
    if (keys.has(edgeKey(edge))) {
      refuse(
        "duplicate-edge",
        `The same wire into "${label(to.node)}" (${edge.to.socket}) is there twice.`,
        edge.to.node,
        edge.to.socket,
      );
      continue;
    }
    keys.add(edgeKey(edge));
    const sockets = inputs.get(edge.to.node) ?? new Map<string, GraphEdge[]>();
    inputs.set(edge.to.node, sockets);
    const links = sockets.get(edge.to.socket) ?? [];
    sockets.set(edge.to.socket, links);
    if (links.length > 0 && target.cardinality !== "many") {
      refuse(
        "too-many-edges",
        `Input "${edge.to.socket}" of "${label(to.node)}" takes one wire.`,
        edge.to.node,
        edge.to.socket,
      );
      continue;
    }
    links.push(edge);
  }
  return inputs;
}

function requireInputs(node: ResolvedNode, explained: ReadonlySet<string>, issues: Issue[]): void {
  for (const [name, socket] of Object.entries(node.definition.inputs)) {
    const isMissing = socket.cardinality === "one" && !node.inputs.get(name)?.length;
    if (isMissing && !explained.has(`${node.id}.${name}`)) {
      issues.push({
        severity: "error",
        code: "missing-input",
        message: `Input "${name}" (${socket.type}) of "${node.title}" is not connected.`,
        node: node.id,
        socket: name,
      });
    }
  }
}

/** What all ONNX graphs of one document are built with. */
export const buildOptions = ({ document: { seed }, stageIndex, merged }: ResolvedGraph) => ({
  seed,
  stageIndex,
  merged,
});

/** The nodes a node needs before it can be emitted. */
export function sourcesOf(node: ResolvedNode, options: { delayed: boolean }): string[] {
  const sources: string[] = [];
  for (const [name, edges] of node.inputs) {
    if (node.definition.inputs[name]?.isDelayed === options.delayed)
      sources.push(...edges.map((edge) => edge.from.node));
  }
  return sources;
}

/** `start` and everything it hangs on, through links that are not delayed (or all of them). */
export function ancestors(graph: ResolvedGraph, start: Iterable<string>, options: { delayed: boolean }): Set<string> {
  const found = new Set<string>();
  const waiting = [...start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = graph.nodes.get(id);
    if (found.has(id) || node === undefined) continue;
    found.add(id);
    waiting.push(...sourcesOf(node, { delayed: false }));
    if (options.delayed) waiting.push(...sourcesOf(node, { delayed: true }));
  }
  return found;
}

/** Whether a node adds operations of its own; samplers and mere watchers do not. */
export const isEmitting = (node: ResolvedNode): boolean => node.definition.emit !== undefined;

/** The node as if it had only these inputs. */
export const onlySockets = (node: ResolvedNode, sockets: readonly string[]): ResolvedNode => ({
  ...node,
  definition: {
    ...node.definition,
    inputs: Object.fromEntries(Object.entries(node.definition.inputs).filter(([name]) => sockets.includes(name))),
  },
});

/**
 * Sources first, and otherwise by id: the same whatever order the document has, or what is folded in it. Sums of gradients
 * are added up in this order, so that documents with one content hash train to the same bits.
 */
export const steadyOrder = ({ nodes }: ResolvedGraph): ResolvedNode[] =>
  topologicalOrder(new Map([...nodes].sort(([a], [b]) => (a < b ? -1 : 1))));

function topologicalOrder(nodes: ReadonlyMap<string, ResolvedNode>): ResolvedNode[] {
  const waiting = new Map<string, number>();
  const followers = new Map<string, string[]>();
  for (const node of nodes.values()) {
    const sources = sourcesOf(node, { delayed: false }).filter((source) => nodes.has(source));
    waiting.set(node.id, sources.length);
    for (const source of sources) {
      const list = followers.get(source);
      if (list === undefined) followers.set(source, [node.id]);
      else list.push(node.id);
    }
  }
  const ready = [...nodes.values()].filter((node) => waiting.get(node.id) === 0);
  const order: ResolvedNode[] = [];
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    order.push(next);
    for (const id of followers.get(next.id) ?? []) {
      const left = (waiting.get(id) ?? 0) - 1;
      waiting.set(id, left);
      const node = nodes.get(id);
      if (left === 0 && node !== undefined) ready.push(node);
    }
  }
  return order;
}

function refuseCycles(nodes: ReadonlyMap<string, ResolvedNode>, order: readonly ResolvedNode[], issues: Issue[]): void {
  if (order.length < nodes.size) {
    const path = findCycle(nodes, new Set(order.map((node) => node.id)));
    const names = path.map((id) => `"${nodes.get(id)?.title ?? id}"`).join(" -> ");
    issues.push({
      severity: "error",
      code: "cycle",
      message: `These nodes feed each other in a circle: ${names}. Only a delayed input (the bank's "advanced", an average) may close one.`,
      ...(path[0] === undefined ? {} : { node: path[0] }),
    });
  }
}

/** Walks back from any node that could not be ordered until one repeats. */
function findCycle(nodes: ReadonlyMap<string, ResolvedNode>, ordered: ReadonlySet<string>): string[] {
  const start = [...nodes.keys()].find((id) => !ordered.has(id));
  const path: string[] = [];
  for (let id = start; id !== undefined; ) {
    const at = path.indexOf(id);
    if (at >= 0) return [...path.slice(at), id].reverse();
    path.push(id);
    const node = nodes.get(id);
    id = node && sourcesOf(node, { delayed: false }).find((source) => nodes.has(source) && !ordered.has(source));
  }
  return path;
}

function capped(issues: Issue[]): Issue[] {
  if (issues.length <= MAX_ISSUES) return issues;
  const rest = issues.length - MAX_ISSUES;
  return [
    ...issues.slice(0, MAX_ISSUES),
    { severity: "error", code: "more-issues", message: `There are ${rest} more findings; mend these first.` },
  ];
}
