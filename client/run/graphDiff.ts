/**
 * What documents compute differently: parameters, nodes and wires, inside subgraphs, too. Positions and titles do not
 * count.
 */
import { edgeKey, type GraphDocument, type GraphNode } from "@distillery/shared/graph/document";
import { flatten } from "@distillery/shared/graph/flatten";
import { canonicalJson } from "@distillery/shared/graph/hash";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { formOf } from "../editor/paramForm";
import { say } from "../language";

const words = say.run;

type Library = Pick<NodeLibrary, "get">;

export interface Difference {
  readonly kind: "added" | "removed" | "changed";
  /** On the graph's top level: the node it is about, or the subgraph that holds it. */
  readonly node?: string;
  /** The wire it is about, by `edgeKey`. */
  readonly edge?: string;
  /** Node title, or what kind of thing. */
  readonly where: string;
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export const ABSENT = "–";
const shown = (value: unknown): string => (value === undefined ? ABSENT : JSON.stringify(value));

/** Parameters with the defaults of the node type filled in, so that an absent one equals its default. */
export function fullParams(node: GraphNode, library: Library): Record<string, unknown> {
  const parsed = library.get(node.type)?.params.safeParse(node.params);
  return parsed?.success ? parsed.data : node.params;
}

/** Parameters as the form calls them. */
const labelsOf = (node: GraphNode, library: Library): Map<string, string> => {
  const definition = library.get(node.type);
  return new Map(definition ? formOf(definition).map(({ path, title }) => [path[0] ?? "", title]) : []);
};

const titleOf = (node: GraphNode, library: Library): string => node.title ?? library.get(node.type)?.title ?? node.type;

/** Everything that decides a result but the seed: runs with equal keys differ by chance alone. */
export function computationKey(document: GraphDocument, library: Library): string {
  const flat = flatten(document).document;
  const nodes = flat.nodes
    .map((node) => canonicalJson({ id: node.id, type: node.type, mode: node.mode, params: fullParams(node, library) }))
    .sort();
  return canonicalJson({ nodes, edges: flat.edges.map(edgeKey).sort() });
}

export interface Setting {
  readonly key: string;
  readonly where: string;
  readonly what: string;
  readonly value: string;
}

/** Every parameter, node and wire of a document, flat; what two documents have differently is told by key. */
export function settingsOf(document: GraphDocument, library: Library): Setting[] {
  const flat = flatten(document).document;
  const nodes = flat.nodes.flatMap((node): Setting[] => {
    const where = titleOf(node, library);
    const labels = labelsOf(node, library);
    return [
      { key: `${node.id}`, where, what: words.settings.node, value: node.type + (node.mode ? ` (${node.mode})` : "") },
      ...Object.entries(fullParams(node, library)).map(([name, value]) => ({
        key: `${node.id}.${name}`,
        where,
        what: labels.get(name) ?? name,
        value: shown(value),
      })),
    ];
  });
  const wires = flat.edges.map(edgeKey).map((key) => ({
    key,
    where: words.differences.wire,
    what: key.replace(">", " → "),
    value: words.settings.wired,
  }));
  return [...nodes, ...wires];
}

/** Whether every node of `part` is in `document`, too: the same graph, perhaps with more and other values. */
export function holdsNodesOf(document: GraphDocument, part: GraphDocument): boolean {
  const types = new Map(flatten(document).document.nodes.map(({ id, type }) => [id, type]));
  return flatten(part).document.nodes.every(({ id, type }) => types.get(id) === type);
}

export function differences(before: GraphDocument, after: GraphDocument, library: Library): Difference[] {
  const found: Difference[] = [];
  const { graph, seed, node: aNode, type, mode, wire: aWire, wired } = words.differences;
  if (before.seed !== after.seed)
    found.push({ kind: "changed", where: graph, what: seed, before: shown(before.seed), after: shown(after.seed) });
  const [a, b] = [flatten(before), flatten(after)];
  const places = new Map([...a.places, ...b.places].map(([id, path]) => [id, path[0] ?? id]));
  const placed = (id: string) => places.get(id) ?? id;
  const old = new Map(a.document.nodes.map((node) => [node.id, node]));
  for (const node of b.document.nodes) {
    const previous = old.get(node.id);
    old.delete(node.id);
    const about = { node: placed(node.id), where: titleOf(node, library) };
    if (!previous) {
      found.push({ kind: "added", ...about, what: aNode, before: ABSENT, after: node.type });
      continue;
    }
    const change = (what: string, from: string, to: string): void => {
      if (from !== to) found.push({ kind: "changed", ...about, what, before: from, after: to });
    };
    if (previous.type !== node.type) {
      // Its parameters are another type's: nothing to be told one by one.
      change(type, previous.type, node.type);
      continue;
    }
    change(mode, previous.mode ?? ABSENT, node.mode ?? ABSENT);
    const [was, is] = [fullParams(previous, library), fullParams(node, library)];
    const labels = labelsOf(node, library);
    for (const name of new Set([...Object.keys(was), ...Object.keys(is)]))
      change(labels.get(name) ?? name, shown(was[name]), shown(is[name]));
  }
  for (const node of old.values())
    found.push({
      kind: "removed",
      node: placed(node.id),
      where: titleOf(node, library),
      what: aNode,
      before: node.type,
      after: ABSENT,
    });
  const edges = new Set(a.document.edges.map(edgeKey));
  const wire = (edge: string) => ({ edge, where: aWire, what: edge.replace(">", " → ") });
  for (const key of b.document.edges.map(edgeKey))
    if (!edges.delete(key)) found.push({ kind: "added", ...wire(key), before: ABSENT, after: wired });
  for (const key of edges) found.push({ kind: "removed", ...wire(key), before: wired, after: ABSENT });
  return found;
}
