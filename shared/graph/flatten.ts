/**
 * A document with subgraphs as the one flat graph that is checked, hashed and run.
 * An inner node has the id `INSTANCE.INNER`, or its own id below instances that keep the ids of what was folded into them.
 */
import { type Endpoint, type GraphDocument, type GraphEdge, type GraphNode, type Issue, LIMITS } from "./document";
import { INPUTS_TYPE, isBorder, OUTPUTS_TYPE, type Sheet, splitPath, subgraphIdOf, subgraphsById } from "./subgraph";
import { subgraphFindings } from "./subgraphSize";

export interface FlatGraph {
  /** Without subgraphs; the given one itself where it has none. Instances that cannot be expanded stay as they are. */
  readonly document: GraphDocument;
  /** Flat id -> where the node is: the instances on the way to it, then its id there. Instances have a place, too. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  readonly issues: readonly Issue[];
  /** Flat id of a node or instance, given the instances on the way to it and its id there. */
  idOf(place: readonly string[]): string;
  /** The flat outputs behind an output as it is seen inside the instances on `path`. */
  sources(path: readonly string[], output: Endpoint): readonly Endpoint[];
}

/** What an instance says of what is inside. */
interface Given {
  readonly params: GraphNode["params"];
  readonly mode: GraphNode["mode"];
}

/** Instances that may pass one wire on without a node in between. */
const MAX_PASSES = 1_000;

export const flatDocument = (document: GraphDocument): GraphDocument =>
  document.subgraphs === undefined && !document.nodes.some(subgraphIdOf) ? document : flatten(document).document;

export function flatten(document: GraphDocument): FlatGraph {
  const { subgraphs: _, ...rest } = document;
  const findings = subgraphFindings(document);
  if (findings.length > 0 || !document.nodes.some(subgraphIdOf)) {
    const places = new Map(document.nodes.map(({ id }) => [id, [id]]));
    const plain = document.subgraphs === undefined ? document : rest;
    return { document: plain, places, issues: findings, idOf: (place) => place.join("."), sources: (_, end) => [end] };
  }
  const known = subgraphsById(document);
  const issues: Issue[] = [];
  const nodes: GraphNode[] = [];
  const places = new Map<string, readonly string[]>();
  const scopes: Scope[] = [];

  /** Notes the sheet's nodes in their order, those of an instance in its place. */
  function open(sheet: Sheet, from: Pick<Scope, "path" | "prefix" | "outer">, given: Given): Scope {
    const scope = new Scope(sheet, from);
    scopes.push(scope);
    const values = sortedByNode(given.params, sheet.nodes, (name) =>
      issues.push({
        severity: "error",
        code: "unknown-parameter",
        message: `The subgraph "${from.path.at(-1)}" has no parameter "${name}"; clear it, or expose one of this name inside.`,
        node: scope.outer === undefined ? "" : scope.outer.scope.idOf(scope.outer.instance.id),
      }),
    );
    for (const node of sheet.nodes) {
      if (scope.outer !== undefined && isBorder(node)) continue;
      const id = scope.idOf(node.id);
      const path = [...scope.path, node.id];
      const params = { ...node.params, ...values.get(node.id) };
      // A muted or bypassed instance mutes or bypasses what is inside.
      const mode = node.mode ?? given.mode;
      const subgraph = known.get(subgraphIdOf(node) ?? "");
      if (subgraph === undefined) {
        places.set(id, path);
        nodes.push({ ...node, id, params, ...(mode && { mode }) });
        continue;
      }
      if (!places.has(id)) places.set(id, path);
      const prefix = node.keepsIds ? scope.prefix : `${id}.`;
      scope.children.set(node.id, open(subgraph, { path, prefix, outer: { scope, instance: node } }, { params, mode }));
      refuseUnknownPorts(scope, node, subgraph, issues);
    }
    return scope;
  }

  const top = open(document, { path: [], prefix: "", outer: undefined }, { params: {}, mode: undefined });
  const wires = new Wires(issues);
  const edges = scopes.flatMap((scope) => wires.flatEdges(scope));
  const tooLong = nodes.find(({ id }) => id.length > LIMITS.idLength);
  if (tooLong !== undefined)
    issues.push({
      severity: "error",
      code: "subgraph-depth",
      message: `The path "${tooLong.id.slice(0, 60)}..." to a node is longer than ${LIMITS.idLength} characters; nest less deep.`,
      node: tooLong.id,
    });
  const scopeAt = (path: readonly string[]): Scope | undefined =>
    path.reduce<Scope | undefined>((scope, id) => scope?.children.get(id), top);
  return {
    document: { ...rest, nodes, edges: edges.slice(0, LIMITS.edges) },
    places,
    issues,
    idOf: (place) => scopeAt(place.slice(0, -1))?.idOf(place.at(-1) ?? "") ?? place.join("."),
    sources: (path, output) => {
      const scope = scopeAt(path);
      return scope === undefined ? [] : wires.sourcesOf(scope, output);
    },
  };
}

/** One sheet in one place of the flat graph. */
class Scope {
  readonly path: readonly string[];
  readonly prefix: string;
  readonly outer: { readonly scope: Scope; readonly instance: GraphNode } | undefined;
  readonly children = new Map<string, Scope>();
  readonly types: ReadonlyMap<string, string>;
  readonly edges: readonly GraphEdge[];
  private readonly into = new Map<string, GraphEdge[]>();

  constructor(sheet: Sheet, from: Pick<Scope, "path" | "prefix" | "outer">) {
    this.path = from.path;
    this.prefix = from.prefix;
    this.outer = from.outer;
    this.edges = sheet.edges;
    this.types = new Map(sheet.nodes.map(({ id, type }) => [id, type]));
    for (const edge of sheet.edges) {
      const key = socketKey(edge.to);
      const known = this.into.get(key);
      if (known === undefined) this.into.set(key, [edge]);
      else known.push(edge);
    }
  }
  idOf(node: string): string {
    return this.prefix + node;
  }
  linksInto(end: Endpoint): readonly GraphEdge[] {
    return this.into.get(socketKey(end)) ?? [];
  }
  isBorder(node: string, type: string): boolean {
    return this.outer !== undefined && this.types.get(node) === type;
  }
  borderOf(type: string): string {
    for (const [id, each] of this.types) if (each === type) return id;
    return "";
  }
}

const socketKey = ({ node, socket }: Endpoint): string => `${node}|${socket}`;

/** Follows wires across the borders of subgraphs. */
class Wires {
  private readonly found = new Map<Scope, Map<string, readonly Endpoint[]>>();
  private readonly active = new Set<readonly GraphEdge[]>();
  private count = 0;

  constructor(private readonly issues: Issue[]) {}

  /** The wires that end at the sheet's own nodes, in the order in which each socket has them. */
  flatEdges(scope: Scope): GraphEdge[] {
    return scope.edges.flatMap((edge) => {
      if (scope.children.has(edge.to.node) || scope.isBorder(edge.to.node, OUTPUTS_TYPE)) return [];
      const to = { ...edge.to, node: scope.idOf(edge.to.node) };
      const sources = this.sourcesOf(scope, edge.from);
      this.count += sources.length;
      if (this.count > LIMITS.edges) {
        this.refuse("too-large", `With its subgraphs the graph has more than ${LIMITS.edges} edges.`);
        return [];
      }
      return sources.map((from) => ({ ...edge, from, to }));
    });
  }

  sourcesOf(scope: Scope, output: Endpoint): readonly Endpoint[] {
    if (scope.outer !== undefined && scope.isBorder(output.node, INPUTS_TYPE))
      return this.arriving(scope.outer.scope, { node: scope.outer.instance.id, socket: output.socket });
    const inside = scope.children.get(output.node);
    if (inside === undefined) return [{ ...output, node: scope.idOf(output.node) }];
    return this.arriving(inside, { node: inside.borderOf(OUTPUTS_TYPE), socket: output.socket });
  }

  private arriving(scope: Scope, input: Endpoint): readonly Endpoint[] {
    const known = this.found.get(scope) ?? new Map<string, readonly Endpoint[]>();
    this.found.set(scope, known);
    const before = known.get(socketKey(input));
    if (before !== undefined) return before;
    const links = scope.linksInto(input);
    if (this.active.has(links) || this.active.size > MAX_PASSES) {
      const where = `"${scope.path.at(-1) ?? input.node}"`;
      this.refuse("cycle", `A wire goes round in a circle through subgraphs at ${where}, without a node on the way.`);
      return [];
    }
    if (links.length > 0) this.active.add(links);
    const unique = new Map(
      links.flatMap(({ from }) => this.sourcesOf(scope, from)).map((end) => [socketKey(end), end]),
    );
    this.active.delete(links);
    const ends = [...unique.values()];
    known.set(socketKey(input), ends);
    return ends;
  }

  private refuse(code: string, message: string): void {
    if (!this.issues.some((issue) => issue.code === code)) this.issues.push({ severity: "error", code, message });
  }
}

/** Wires to sockets that the instance does not have would otherwise vanish unsaid. */
function refuseUnknownPorts(
  scope: Scope,
  { id, title }: GraphNode,
  subgraph: { name: string; inputs: readonly { name: string }[]; outputs: readonly { name: string }[] },
  issues: Issue[],
): void {
  const has = (ports: readonly { name: string }[], name: string) => ports.some((port) => port.name === name);
  for (const edge of scope.edges) {
    const [side, end] =
      edge.to.node === id && !has(subgraph.inputs, edge.to.socket)
        ? (["input", edge.to] as const)
        : edge.from.node === id && !has(subgraph.outputs, edge.from.socket)
          ? (["output", edge.from] as const)
          : [null, null];
    if (side !== null)
      issues.push({
        severity: "error",
        code: "unknown-socket",
        message: `The subgraph "${title ?? subgraph.name}" has no ${side} "${end.socket}".`,
        node: scope.idOf(id),
        socket: end.socket,
      });
  }
}

/** An instance's parameters `INNER.name`, by inner node. */
function sortedByNode(
  values: GraphNode["params"],
  nodes: readonly GraphNode[],
  unknown: (name: string) => void,
): Map<string, GraphNode["params"]> {
  const byNode = new Map<string, GraphNode["params"]>();
  const ids = nodes.map(({ id }) => id);
  for (const [key, value] of Object.entries(values)) {
    const found = splitPath(key, ids);
    if (found === undefined) unknown(key);
    else byNode.set(found.node, { ...byNode.get(found.node), [found.name]: value });
  }
  return byNode;
}
