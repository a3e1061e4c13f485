/** Seeded graphs of any size, real ones: what the editor opens is what the other libraries are shown. */
import type { GraphDocument, GraphEdge } from "@distillery/shared/graph/document";
import { randomStream } from "@distillery/shared/random/philox";

/** A node as every library can draw it. */
export interface PlainNode {
  readonly id: string;
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly lines: readonly { readonly title: string; readonly value: string }[];
}
export interface PlainWire {
  readonly from: { readonly node: string; readonly socket: string };
  readonly to: { readonly node: string; readonly socket: string };
}
export interface PlainGraph {
  readonly nodes: readonly PlainNode[];
  readonly wires: readonly PlainWire[];
}

/** What `/api/node-types` tells of a type. */
export interface TypeOfNode {
  readonly type: string;
  readonly title: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly params: { readonly properties?: Readonly<Record<string, { title?: string; default?: unknown }>> };
}

const TYPES = ["schedule/vp", "data/start", "solver/ddim", "bank/trajectory"] as const;
/** Six wires for every four nodes. */
const WIRES_PER_FOUR = 6;
/** Share of all wires that cross the graph. */
const LONG = 0.08;
const GAP = { x: 320, y: 300, jitter: 24 };

/** `count` nodes in groups of four on a grid, 1.5 wires each, 8 % of them long. */
export function seededGraph(count: number, seed = 1): GraphDocument {
  const random = randomStream(seed, "bench graph", count);
  const columns = Math.ceil(Math.sqrt(count));
  const jitter = () => Math.round((random.uniform() - 0.5) * 2 * GAP.jitter);
  const groups = Math.floor(count / 4);
  const id = (i: number) => `n${i}`;
  const wire = (from: number, out: string, to: number, input: string): GraphEdge => ({
    from: { node: id(from), socket: out },
    to: { node: id(to), socket: input },
  });
  const edges = Array.from({ length: groups }, (_, group) => {
    const i = 4 * group;
    const isLong = random.uniform() < LONG * WIRES_PER_FOUR;
    const far = isLong ? 4 * Math.floor(random.uniform() * groups) : i;
    return [
      wire(i, "schedule", i + 1, "schedule"),
      wire(i + 1, "x", i + 3, "x"),
      wire(i + 1, "x0", i + 3, "x0"),
      wire(i + 3, "x", i + 2, "x"),
      wire(i + 2, "x", i + 3, "advanced"),
      wire(far + 3, "condition", i + 2, "condition"),
    ];
  }).flat();
  return {
    format: "distillery-graph",
    version: 1,
    name: `${count} nodes`,
    description: "",
    nodes: Array.from({ length: count }, (_, i) => ({
      id: id(i),
      type: TYPES[i % TYPES.length] ?? TYPES[0],
      params: {},
      position: { x: (i % columns) * GAP.x + jitter(), y: Math.floor(i / columns) * GAP.y + jitter() },
    })),
    edges,
    frames: [],
    viewport: { x: 40, y: 40, zoom: 1 },
    seed,
  };
}

/** The same graph for libraries that know no node types: as many sockets and as many lines of parameters. */
export function plainGraph(document: GraphDocument, types: readonly TypeOfNode[]): PlainGraph {
  const byType = new Map(types.map((type) => [type.type, type]));
  return {
    nodes: document.nodes.map(({ id, type, position }) => {
      const known = byType.get(type);
      if (!known) throw new Error(`The server knows no node type ${type}.`);
      return {
        id,
        title: known.title,
        ...position,
        inputs: Object.keys(known.inputs),
        outputs: Object.keys(known.outputs),
        lines: Object.entries(known.params.properties ?? {})
          .slice(0, 3)
          .map(([name, field]) => ({ title: field.title ?? name, value: String(field.default ?? "–") })),
      };
    }),
    wires: document.edges,
  };
}
