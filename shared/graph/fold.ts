/** Folding nodes of a sheet into a subgraph, and unfolding an instance again. The flat graph stays the same, ids included. */
import {
  type Endpoint,
  edgeKey,
  emptyDocument,
  type GraphEdge,
  type GraphNode,
  type Port,
  type Subgraph,
} from "./document";
import { flatten } from "./flatten";
import type { Socket } from "./socket";
import { INPUTS_TYPE, instanceType, isBorder, OUTPUTS_TYPE, type Sheet } from "./subgraph";

export interface FoldOptions {
  /** Id of the node that stands for the nodes folded, and of its subgraph. */
  readonly instance: string;
  readonly subgraph: string;
  readonly name: string;
  readonly frames?: ReadonlySet<string>;
  /** A socket of a node; undefined where its type is not known here. */
  socketOf(
    node: GraphNode,
    side: "input" | "output",
    name: string,
  ): Pick<Socket, "type" | "cardinality" | "isDelayed"> | undefined;
}

/** Room between the border's nodes and what is inside, and the width of a card. */
const BORDER = { gap: 80, width: 220 };

/** Middle of where the nodes are: an instance stands there. */
function middleOf(nodes: readonly GraphNode[]): GraphNode["position"] {
  const xs = nodes.map(({ position }) => position.x);
  const ys = nodes.map(({ position }) => position.y);
  const middle = (values: readonly number[]) => Math.round((Math.min(...values) + Math.max(...values)) / 2);
  return nodes.length === 0 ? { x: 0, y: 0 } : { x: middle(xs), y: middle(ys) };
}

/** The sheet with one node in the place of the chosen ones, and the subgraph it stands for. Wires keep their order. */
export function fold(
  sheet: Sheet,
  chosen: ReadonlySet<string>,
  options: FoldOptions,
): { sheet: Sheet; subgraph: Subgraph } {
  const { instance, subgraph, name, frames = new Set() } = options;
  const inner = sheet.nodes.filter(({ id }) => chosen.has(id));
  const byId = new Map(sheet.nodes.map((node) => [node.id, node]));
  const border = borderIds(chosen);
  const ports = new Ports(byId, options);
  const outside: GraphEdge[] = [];
  const inside: GraphEdge[] = [];
  for (const edge of sheet.edges) {
    const leaves = chosen.has(edge.from.node);
    const enters = chosen.has(edge.to.node);
    const from = leaves && !enters ? { node: instance, socket: ports.output(edge.from) } : edge.from;
    const to = enters && !leaves ? { node: instance, socket: ports.input(edge) } : edge.to;
    if (leaves === enters) (leaves ? inside : outside).push(edge);
    else {
      outside.push({ from, to });
      inside.push(
        leaves
          ? { from: edge.from, to: { node: border.outputs, socket: from.socket } }
          : { from: { node: border.inputs, socket: to.socket }, to: edge.to },
      );
      if (enters) ports.note(edge);
    }
    if (leaves && enters) ports.interrupt(edge.to);
  }
  const xs = inner.map(({ position }) => position.x);
  const middle = middleOf(inner);
  const borderNode = (id: string, type: string, x: number): GraphNode => ({
    id,
    type,
    params: {},
    position: { x, y: middle.y },
  });
  const standIn: GraphNode = {
    id: instance,
    type: instanceType(subgraph),
    params: {},
    position: middle,
    keepsIds: true,
  };
  const first = sheet.nodes.findIndex(({ id }) => chosen.has(id));
  return {
    sheet: {
      nodes: sheet.nodes.flatMap((node, at) => (at === first ? [standIn] : chosen.has(node.id) ? [] : [node])),
      edges: unique(outside),
      frames: sheet.frames.filter(({ id }) => !frames.has(id)),
    },
    subgraph: {
      id: subgraph,
      name,
      description: "",
      inputs: ports.inputs,
      outputs: ports.outputs,
      params: [],
      nodes: [
        borderNode(border.inputs, INPUTS_TYPE, Math.min(...xs) - BORDER.width - BORDER.gap),
        ...inner,
        borderNode(border.outputs, OUTPUTS_TYPE, Math.max(...xs) + BORDER.width + BORDER.gap),
      ],
      edges: unique(inside),
      frames: sheet.frames.filter(({ id }) => frames.has(id)),
    },
  };
}

/** The sheet with the inside of `subgraph` in the place of its instance. */
export function unfold(sheet: Sheet, instance: GraphNode, subgraph: Subgraph): Sheet {
  // Only this one is known under this name, so that no other instance is expanded with it.
  const only = { ...subgraph, id: "unfolded" };
  const nodes = sheet.nodes.map((node) => (node.id === instance.id ? { ...node, type: instanceType(only.id) } : node));
  const { document, places } = flatten({ ...emptyDocument(), nodes, edges: [...sheet.edges], subgraphs: [only] });
  const content = subgraph.nodes.filter((node) => !isBorder(node));
  const middle = middleOf(content);
  const shift = { x: instance.position.x - middle.x, y: instance.position.y - middle.y };
  const moved = (p: { x: number; y: number }) => ({ x: p.x + shift.x, y: p.y + shift.y });
  return {
    nodes: document.nodes.map((node) => {
      if (places.get(node.id)?.length === 1) return node;
      const { keepsIds, ...rest } = node;
      return { ...rest, ...(keepsIds && instance.keepsIds ? { keepsIds } : {}), position: moved(node.position) };
    }),
    edges: document.edges,
    frames: [
      ...sheet.frames,
      ...subgraph.frames.map((frame) => ({
        ...frame,
        id: freeId(frame.id, sheet.frames),
        position: moved(frame.position),
      })),
    ],
  };
}

const freeId = (id: string, taken: readonly { readonly id: string }[]): string =>
  taken.some((each) => each.id === id) ? freeId(`${id}-2`, taken) : id;

function borderIds(taken: ReadonlySet<string>): { inputs: string; outputs: string } {
  const free = (id: string): string => (taken.has(id) ? free(`${id}-border`) : id);
  return { inputs: free("inputs"), outputs: free("outputs") };
}

const unique = (edges: readonly GraphEdge[]): GraphEdge[] => [
  ...new Map(edges.map((edge) => [edgeKey(edge), edge])).values(),
];

const at = ({ node, socket }: Endpoint): string => `${node}|${socket}`;

/** The sockets that a selection's wires make on its border. */
class Ports {
  readonly inputs: Port[] = [];
  readonly outputs: Port[] = [];
  private readonly names = new Map<string, string>();
  /** Inputs that take many wires: how often a wire from inside lay between those from outside. */
  private readonly stretches = new Map<string, number>();

  constructor(
    private readonly nodes: ReadonlyMap<string, GraphNode>,
    private readonly options: Pick<FoldOptions, "socketOf">,
  ) {}

  /** One socket for each inner output that is read outside. */
  output(from: Endpoint): string {
    return this.named(`out|${at(from)}`, this.outputs, from.socket, this.socket(from, "output")?.type);
  }

  /** One socket for each source, or for each inner input that takes many: their order must stay. */
  input({ from, to }: GraphEdge): string {
    const target = this.socket(to, "input");
    const key =
      target?.cardinality === "many"
        ? `many|${at(to)}|${this.stretches.get(at(to)) ?? 0}`
        : `one|${at(from)}|${target?.isDelayed}`;
    return this.named(key, this.inputs, to.socket, target?.type ?? this.socket(from, "output")?.type);
  }

  note({ to }: GraphEdge): void {
    if (!this.stretches.has(at(to))) this.stretches.set(at(to), 0);
  }

  /** A wire from inside ends a stretch of wires from outside. */
  interrupt(to: Endpoint): void {
    const stretch = this.stretches.get(at(to));
    if (stretch !== undefined) this.stretches.set(at(to), stretch + 1);
  }

  private socket(end: Endpoint, side: "input" | "output") {
    const node = this.nodes.get(end.node);
    return node && this.options.socketOf(node, side, end.socket);
  }

  private named(key: string, ports: Port[], wish: string, type = "unknown"): string {
    const known = this.names.get(key);
    if (known !== undefined) return known;
    let name = wish;
    for (let n = 2; ports.some((port) => port.name === name); n++) name = `${wish}-${n}`;
    this.names.set(key, name);
    ports.push({ name, type });
    return name;
  }
}
