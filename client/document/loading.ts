/** From stored JSON to a document that can be edited: older nodes migrated, unknown ones kept untouched. */
import { documentSchema, edgeKey, type GraphDocument, type GraphNode } from "@distillery/shared/graph/document";
import { foreignNotices, putBack, setAside } from "@distillery/shared/graph/foreign";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { isBorder, type Sheet, subgraphIdOf } from "@distillery/shared/graph/subgraph";
import { withSubgraphs } from "@distillery/shared/graph/subgraphDefinition";
import { z } from "zod";
import { say } from "../language";

export interface Loaded {
  document: GraphDocument;
  /** What was changed or could not be understood: one sentence each. */
  notices: string[];
  /** The document's version where it is newer than this program: it may be looked at, not changed. */
  newerVersion: number | null;
}

/** The file is not a graph; the message says where it goes wrong. */
export class LoadFailed extends Error {
  override readonly name = "LoadFailed";
}

const words = say.document.loading;

const jsonObject = z.record(z.string(), z.json());

/** Reads a document. Throws `LoadFailed` when `stored` is not one. */
export function loadDocument(stored: unknown, library: Pick<NodeLibrary, "get">): Loaded {
  const { known, foreign, newerVersion } = setAside(asWritten(stored));
  const parsed = documentSchema.safeParse(known);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new LoadFailed(words.notAGraph(issue?.path.join(".") ?? "", issue?.message));
  }
  const notices: string[] = foreignNotices(foreign);
  if (newerVersion !== null) notices.unshift(words.newer(newerVersion));
  const all = new Map((parsed.data.subgraphs ?? []).map((subgraph) => [subgraph.id, subgraph]));
  const types = withSubgraphs(library, (id) => all.get(id));
  const subgraphs = [...all.values()].map((each) => ({ ...each, ...loadSheet(each, types, notices) }));
  const sheet = loadSheet(parsed.data, types, notices);
  const extra = { ...(subgraphs.length > 0 && { subgraphs }), ...(foreign.length > 0 && { foreign: [...foreign] }) };
  return { document: { ...parsed.data, ...sheet, ...extra }, notices, newerVersion };
}

function loadSheet(sheet: Sheet, library: Pick<NodeLibrary, "get">, notices: string[]) {
  const nodes = uniqueNodes(sheet.nodes, notices).map((node) => migrateNode(node, library, notices));
  const ids = new Set(nodes.map((node) => node.id));
  const edges = [...new Map(sheet.edges.map((edge) => [edgeKey(edge), edge])).values()].filter((edge) => {
    const known = ids.has(edge.from.node) && ids.has(edge.to.node);
    if (!known) notices.push(words.lostWire(edge.from.node, edge.to.node));
    return known;
  });
  const frames = [...new Map(sheet.frames.map((frame) => [frame.id, frame])).values()];
  return { nodes, edges, frames };
}

/** What an older version set aside may be known by now. */
function asWritten(stored: unknown): unknown {
  if (typeof stored !== "object" || stored === null || !("foreign" in stored)) return stored;
  const parsed = documentSchema.safeParse(stored);
  return parsed.success ? putBack(parsed.data) : stored;
}

function uniqueNodes(nodes: readonly GraphNode[], notices: string[]): GraphNode[] {
  const byId = new Map<string, GraphNode>();
  for (const node of nodes) {
    if (byId.has(node.id)) notices.push(words.sameId(node.id));
    else byId.set(node.id, node);
  }
  return [...byId.values()];
}

/** Brings a node's parameters to the version known here; leaves alone what it cannot understand. */
export function migrateNode(node: GraphNode, library: Pick<NodeLibrary, "get">, notices: string[]): GraphNode {
  const definition = library.get(node.type);
  const version = node.version ?? 1;
  if (!definition && isBorder(node)) return node;
  const subgraph = subgraphIdOf(node);
  if (!definition && subgraph !== undefined) {
    notices.push(words.lostSubgraph(node.id, subgraph));
    return node;
  }
  if (!definition) {
    notices.push(words.unknownType(node.id, node.type));
    return node;
  }
  if (version > definition.version) {
    notices.push(words.newerNode(node.id, definition.title));
    return node;
  }
  if (version === definition.version) return node;
  if (!definition.migrate) return { ...node, version: definition.version };
  const params = jsonObject.safeParse(definition.migrate({ ...node.params }, version));
  if (!params.success) {
    notices.push(words.notMigrated(node.id, definition.version, definition.title));
    return node;
  }
  const changes = changedParams(node.params, params.data);
  notices.push(words.migrated(definition.title, node.id, version, definition.version, changes));
  return { ...node, version: definition.version, params: params.data };
}

/** What bringing a node's parameters up to date did to them. */
function changedParams(params: GraphNode["params"], now: GraphNode["params"]): string[] {
  return [...new Set([...Object.keys(params), ...Object.keys(now)])].flatMap((name) => {
    const [before, after] = [JSON.stringify(params[name]), JSON.stringify(now[name])];
    if (before === after) return [];
    return [
      before === undefined
        ? words.paramAdded(name, after)
        : after === undefined
          ? words.paramGone(name)
          : words.paramChanged(name, before, after),
    ];
  });
}
