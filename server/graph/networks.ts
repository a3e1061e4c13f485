/** Which networks a graph is about: what it trains, and the teacher that shows the way. Found by sockets, not by names. */
import type { Endpoint, GraphDocument, GraphNode } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import type { NodeDefinition, NodeLibrary } from "@distillery/shared/graph/node";
import type { WireType } from "@distillery/shared/graph/wires";

/** A document, flat, together with what its node types are. */
export class GraphReader {
  readonly document: GraphDocument;
  private readonly nodes: ReadonlyMap<string, GraphNode>;

  constructor(
    document: GraphDocument,
    private readonly library: NodeLibrary,
  ) {
    this.document = flatDocument(document);
    this.nodes = new Map(this.document.nodes.map((node) => [node.id, node]));
  }

  node(id: string): GraphNode | undefined {
    return this.nodes.get(id);
  }

  type(id: string): NodeDefinition | undefined {
    const node = this.nodes.get(id);
    return node && this.library.get(node.type);
  }

  /** All parameters of a node, those left out with their defaults; none where they make no sense. */
  params(id: string): Readonly<Record<string, unknown>> {
    return this.type(id)?.params.safeParse(this.nodes.get(id)?.params).data ?? {};
  }

  /** What is wired to the first input of this type that has a wire. */
  source(id: string, type: WireType): Endpoint | undefined {
    const sockets = Object.entries(this.type(id)?.inputs ?? {}).flatMap(([name, input]) =>
      input.type === type ? [name] : [],
    );
    const wired = this.document.edges.filter(({ to }) => to.node === id && sockets.includes(to.socket));
    wired.sort((a, b) => sockets.indexOf(a.to.socket) - sockets.indexOf(b.to.socket));
    return wired[0]?.from;
  }

  /** A network and whatever its weights are made from: aliases, averages, copies, adapters. */
  lineage(weights: Endpoint | undefined): string[] {
    const path: string[] = [];
    for (let at = weights; at !== undefined && !path.includes(at.node); at = this.source(at.node, "weights"))
      path.push(at.node);
    return path;
  }

  /** The nodes a node stands on, itself included; feedback (delayed inputs) left aside. */
  ancestors(start: Iterable<string>): Set<string> {
    const found = new Set<string>();
    const waiting = [...start];
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      if (found.has(id)) continue;
      found.add(id);
      const inputs = this.type(id)?.inputs ?? {};
      for (const { from, to } of this.document.edges)
        if (to.node === id && inputs[to.socket]?.isDelayed === false) waiting.push(from.node);
    }
    return found;
  }
}

/** A node that moves states with a network: a sampler, a solver, a jump. */
interface User {
  readonly id: string;
  readonly weights: Endpoint;
  readonly lineage: readonly string[];
  readonly isSampler: boolean;
}

export interface Networks {
  readonly teacher: Endpoint;
  /** Null where the graph trains no student, or trains the teacher itself. */
  readonly student: Endpoint | null;
  readonly trainsTeacher: boolean;
  /** Where the graph samples the two, and where it steps the teacher in training. */
  readonly teacherSampler: string | undefined;
  readonly studentSampler: string | undefined;
  readonly solver: string | undefined;
}

/** The networks of a graph, or undefined when nothing in it denoises. */
export function networksOf(graph: GraphReader): Networks | undefined {
  const users = usersOf(graph);
  const trained = trainedNetwork(graph, users);
  const isTrained = (user: User) => trained !== undefined && user.lineage.includes(trained.node);
  const frozen = users.filter((user) => !isTrained(user));
  const solver = frozen.find(({ isSampler }) => !isSampler);
  const studentSampler = users.find((user) => user.isSampler && isTrained(user));
  const source = solver ?? frozen[0];
  if (source !== undefined) {
    const root = source.lineage.at(-1);
    return {
      teacher: source.weights,
      student: trained === undefined ? null : (exported(graph, trained) ?? trained),
      trainsTeacher: false,
      teacherSampler: frozen.find(({ isSampler, lineage }) => isSampler && lineage.at(-1) === root)?.id,
      studentSampler: studentSampler?.id,
      solver: solver?.id,
    };
  }
  if (trained === undefined) return undefined;
  // A teacher in training: there is no other network to learn from.
  const teacher = exported(graph, trained) ?? studentSampler?.weights ?? trained;
  const none = { student: null, studentSampler: undefined, solver: undefined };
  return { teacher, trainsTeacher: true, teacherSampler: studentSampler?.id, ...none };
}

function usersOf(graph: GraphReader): User[] {
  return graph.document.nodes.flatMap(({ id }) => {
    const type = graph.type(id);
    const weights = graph.source(id, "weights");
    if (type === undefined || weights === undefined) return [];
    const has = (sockets: NodeDefinition["inputs"]) => Object.values(sockets).some((socket) => socket.type === "state");
    const isSampler = type.sampler !== undefined;
    if (!isSampler && !(has(type.inputs) && has(type.outputs))) return [];
    return [{ id, weights, lineage: graph.lineage(weights), isSampler }];
  });
}

/** What a trainer trains and somebody denoises with; a discriminator is trained, too, but moves no state. */
function trainedNetwork(graph: GraphReader, users: readonly User[]): Endpoint | undefined {
  for (const { id } of graph.document.nodes) {
    if (graph.type(id)?.trainer === undefined) continue;
    const weights = graph.source(id, "weights");
    if (weights !== undefined && users.some(({ lineage }) => lineage.includes(weights.node))) return weights;
  }
  return undefined;
}

/** The version of a trained network that the graph exports; of the network itself and its average, the average. */
function exported(graph: GraphReader, trained: Endpoint): Endpoint | undefined {
  const versions = graph.document.nodes.flatMap(({ id }) => {
    const weights = graph.type(id)?.exporter === undefined ? undefined : graph.source(id, "weights");
    return weights !== undefined && graph.lineage(weights).includes(trained.node) ? [weights] : [];
  });
  return versions.find(({ node }) => node !== trained.node) ?? versions[0];
}
