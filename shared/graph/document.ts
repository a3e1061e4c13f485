/** The graph document: the only thing that is saved, shared, embedded in a PNG, posted to the API or passed to the CLI. */
import { z } from "zod";

export const DOCUMENT_FORMAT = "distillery-graph";
export const DOCUMENT_VERSION = 1;

/** Hard limits of a document, checked before anything else looks at it. */
export const LIMITS = {
  nodes: 10_000,
  edges: 40_000,
  textLength: 20_000,
  paramsBytes: 1_000_000,
  idLength: 128,
  subgraphs: 500,
  /** Sockets and parameters that one subgraph shows outside. */
  ports: 500,
} as const;

const id = z
  .string()
  .min(1)
  .max(LIMITS.idLength)
  .regex(/^[A-Za-z0-9_.:-]+$/, "only letters, digits and _ . : - are allowed in an id");
const finite = z.number();
const point = z.strictObject({ x: finite, y: finite });

const color = z.string().regex(/^#[0-9a-f]{6}$/i, "a colour is written as #rrggbb");

/** `mute`: the node and what only feeds it take no part. `bypass`: what arrives at it goes on past it. */
export const NODE_MODES = ["mute", "bypass"] as const;

export const endpointSchema = z.strictObject({ node: id, socket: id });

export const nodeSchema = z.strictObject({
  id,
  /** `family/name`, as in the node library. */
  type: z.string().min(1).max(128),
  /** Version of the node type that wrote `params`; absent means 1. */
  version: z.number().int().min(1).optional(),
  params: z.record(z.string(), z.json()).default({}),
  position: point.default({ x: 0, y: 0 }),
  title: z.string().max(200).optional(),
  /** Taken out of what is computed, or passed by (`modes.ts`); absent: as it is. */
  mode: z.enum(NODE_MODES).optional(),
  /** How it looks: only a header, with a colour of its own; and whether it is safe from being moved or deleted. */
  collapsed: z.boolean().optional(),
  color: color.optional(),
  pinned: z.boolean().optional(),
  /** Of a subgraph's instance: its inner nodes keep their own ids in the flat graph, as they had before folding. */
  keepsIds: z.literal(true).optional(),
});

export const edgeSchema = z.strictObject({
  from: endpointSchema,
  to: endpointSchema,
  /** Points the wire is led through, from its beginning to its end; they mean nothing. */
  via: z.array(point).max(64).optional(),
});

export const frameSchema = z.strictObject({
  id,
  /** A frame holds nodes and moves them along; a note is a sheet of Markdown that lies on the canvas. */
  kind: z.enum(["frame", "note"]).optional(),
  title: z.string().max(200).default(""),
  text: z.string().max(LIMITS.textLength).default(""),
  position: point,
  size: z.strictObject({ width: z.number().positive(), height: z.number().positive() }),
  color: z.string().max(32).optional(),
});

const nodes = z.array(nodeSchema).max(LIMITS.nodes, `a graph may have at most ${LIMITS.nodes} nodes`);
const edges = z.array(edgeSchema).max(LIMITS.edges, `a graph may have at most ${LIMITS.edges} edges`);
const frames = z.array(frameSchema).max(1_000).default([]);

/** A socket on the border of a subgraph: inside, of its node `subgraph/inputs` or `subgraph/outputs`. */
export const portSchema = z.strictObject({ name: id, type: z.string().min(1).max(32) });

/** An inner parameter that is shown outside; `node` may itself be an instance, `param` then one that it shows. */
export const shownParamSchema = z.strictObject({
  node: id,
  param: z.string().min(1).max(400),
  title: z.string().max(200).optional(),
});

/** A part of a graph that nodes of the type `subgraph/ID` stand for. */
export const subgraphSchema = z.strictObject({
  id,
  name: z.string().max(200).default("Subgraph"),
  description: z.string().max(LIMITS.textLength).default(""),
  inputs: z.array(portSchema).max(LIMITS.ports).default([]),
  outputs: z.array(portSchema).max(LIMITS.ports).default([]),
  params: z.array(shownParamSchema).max(LIMITS.ports).default([]),
  nodes,
  edges,
  frames,
  /** The part of the personal library that this is linked to, and which revision of it this is. */
  source: z.strictObject({ part: id, revision: z.number().int().min(1) }).optional(),
});

/**
 * Fields that this version does not know, set aside (`foreign.ts`). `at` leads to the record that had them: names, and ids
 * (of wires: `edgeKey`) of entries of a list.
 */
export const foreignSchema = z.strictObject({
  at: z.array(z.string().max(600)).max(12),
  fields: z.record(z.string(), z.json()),
});

export const documentSchema = z.strictObject({
  format: z.literal(DOCUMENT_FORMAT),
  version: z.literal(DOCUMENT_VERSION),
  name: z.string().max(200).default("Untitled"),
  description: z.string().max(LIMITS.textLength).default(""),
  nodes,
  edges,
  frames,
  /** Absent where the graph has none. */
  subgraphs: z.array(subgraphSchema).max(LIMITS.subgraphs).optional(),
  viewport: z.strictObject({ x: finite, y: finite, zoom: z.number().positive() }).default({ x: 0, y: 0, zoom: 1 }),
  seed: z.number().int().min(0).max(0xffffffff).default(0),
  foreign: z.array(foreignSchema).max(20_000).optional(),
});

export type Endpoint = z.infer<typeof endpointSchema>;
export type GraphNode = z.infer<typeof nodeSchema>;
export type GraphEdge = z.infer<typeof edgeSchema>;
export type GraphFrame = z.infer<typeof frameSchema>;
export type Port = z.infer<typeof portSchema>;
export type ShownParam = z.infer<typeof shownParamSchema>;
export type Subgraph = z.infer<typeof subgraphSchema>;
export type Foreign = z.infer<typeof foreignSchema>;
export type GraphDocument = z.infer<typeof documentSchema>;
export type NodeMode = (typeof NODE_MODES)[number];
export type Params = GraphNode["params"];

/** One finding about a document. `code` is stable; `message` is one line for people. */
export interface Issue {
  severity: "error" | "warning";
  code: string;
  message: string;
  node?: string;
  socket?: string;
  edge?: GraphEdge;
}

export const edgeKey = (edge: GraphEdge): string =>
  `${edge.from.node}.${edge.from.socket}>${edge.to.node}.${edge.to.socket}`;

export const emptyDocument = (name = "Untitled"): GraphDocument => ({
  format: DOCUMENT_FORMAT,
  version: DOCUMENT_VERSION,
  name,
  description: "",
  nodes: [],
  edges: [],
  frames: [],
  viewport: { x: 0, y: 0, zoom: 1 },
  seed: 0,
});
