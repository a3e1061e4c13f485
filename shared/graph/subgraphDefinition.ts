/** A subgraph as a node type, so that instances have sockets, a form, a help text and rules like any other node. */
import { z } from "zod";
import type { Endpoint, GraphNode, Subgraph } from "./document";
import type { NodeDefinition, NodeLibrary } from "./node";
import { Socket, type Sockets } from "./socket";
import { INPUTS_TYPE, instanceType, OUTPUTS_TYPE, subgraphIdOf } from "./subgraph";
import { WIRE_TYPES, type WireType } from "./wires";

type Library = Pick<NodeLibrary, "get">;

/** A wire to this socket of the border makes a new one; it can never be stored, ids have no such character. */
export const NEW_PORT = "+";

const wireTypeOf = (type: string): WireType | undefined => WIRE_TYPES.find((each) => each === type);

/** Node type of the subgraph's instances. `library` must know those of what is inside, subgraphs too. */
export function definitionOf(subgraph: Subgraph, library: Library): NodeDefinition {
  const inside = new Inside(subgraph, library);
  return {
    type: instanceType(subgraph.id),
    version: 1,
    title: subgraph.name,
    family: "subgraph",
    help:
      subgraph.description || "A part of the graph, folded into one node. Open it to see and change what is inside.",
    inputs: socketsOf(subgraph.inputs, (name, type) => inside.input(name, type)),
    outputs: socketsOf(subgraph.outputs, (name, type) => inside.output(name, type)),
    params: shownParams(subgraph, inside),
    leads: (input) => inside.leads(input),
  };
}

/** Node types of a subgraph's two border nodes, as they are seen inside. */
function borderDefinitions(subgraph: Pick<Subgraph, "inputs" | "outputs">): readonly NodeDefinition[] {
  const border = (type: string, title: string, help: string, sockets: Pick<NodeDefinition, "inputs" | "outputs">) =>
    ({ type, version: 1, title, family: "subgraph", help, params: z.object({}), ...sockets }) satisfies NodeDefinition;
  const open = (ports: Subgraph["inputs"]): Sockets => ({
    ...socketsOf(ports, (_, type) => new Socket(type, "optional", false)),
    [NEW_PORT]: new Socket("scalar", "optional", false, "Draw a wire here to show one more socket outside"),
  });
  return [
    border(INPUTS_TYPE, "Inputs", "What arrives at this subgraph from outside.", {
      inputs: {},
      outputs: open(subgraph.inputs),
    }),
    border(OUTPUTS_TYPE, "Outputs", "What this subgraph gives to the outside.", {
      inputs: open(subgraph.outputs),
      outputs: {},
    }),
  ];
}

/** The node types on a subgraph's own sheet: `library`'s and the two of its border. */
export function withBorder(library: Library, subgraph: Pick<Subgraph, "inputs" | "outputs">): Library {
  const border = new Map(borderDefinitions(subgraph).map((each) => [each.type, each]));
  return { get: (type) => border.get(type) ?? library.get(type) };
}

/** Sockets whose wire type is not known here are left out: nothing could be wired to them. */
const socketsOf = (ports: Subgraph["inputs"], make: (name: string, type: WireType) => Socket): Sockets =>
  Object.fromEntries(
    ports.flatMap(({ name, type }) => {
      const known = wireTypeOf(type);
      return known === undefined ? [] : [[name, make(name, known)]];
    }),
  );

/** The form of what is shown outside: the inner fields, with the inner values as their defaults. */
function shownParams(subgraph: Subgraph, inside: Inside): z.ZodObject {
  const fields = subgraph.params.flatMap(({ node, param, title }) => {
    const record = inside.node(node);
    const field = record && inside.library.get(record.type)?.params.shape[param];
    if (record === undefined || field === undefined) return [];
    const schema = field as z.ZodType;
    const value = record.params[param];
    const { when: _, id: __, ...meta } = z.globalRegistry.get(schema) ?? {};
    const filled = value === undefined ? schema : schema.default(value as never);
    const own = typeof meta.title === "string" ? meta.title : param;
    return [[`${node}.${param}`, filled.meta({ ...meta, title: title ?? own })] as const];
  });
  return z.object(Object.fromEntries(fields));
}

/** Look-ups inside a subgraph. */
class Inside {
  private readonly nodes: ReadonlyMap<string, GraphNode>;

  constructor(
    private readonly subgraph: Subgraph,
    readonly library: Library,
  ) {
    this.nodes = new Map(subgraph.nodes.map((node) => [node.id, node]));
  }
  node(id: string): GraphNode | undefined {
    return this.nodes.get(id);
  }

  /** An input asks for what the sockets behind it ask for together. */
  input(name: string, type: WireType): Socket {
    const behind = this.behind(name).flatMap(({ node, socket }) => this.typeOf(node)?.inputs[socket] ?? []);
    const isMany = behind.length > 0 && behind.every(({ cardinality }) => cardinality === "many");
    const isRequired = behind.some(({ cardinality }) => cardinality === "one");
    const isDelayed = behind.length > 0 && behind.every((socket) => socket.isDelayed);
    const isFrozen = behind.some((socket) => socket.isFrozen);
    return new Socket(
      type,
      isMany ? "many" : isRequired ? "one" : "optional",
      isDelayed,
      behind[0]?.help ?? "",
      isFrozen,
    );
  }

  output(name: string, type: WireType): Socket {
    const link = this.subgraph.edges.find(({ to }) => this.isA(to.node, OUTPUTS_TYPE) && to.socket === name);
    const source = link && this.typeOf(link.from.node)?.outputs[link.from.socket];
    return new Socket(type, source?.cardinality ?? "optional", false, source?.help ?? "");
  }

  /** Outputs that hang on an input within one step. */
  leads(input: string): ReadonlySet<string> {
    const outputs = new Set<string>();
    const seen = new Set<string>();
    const waiting = this.behind(input);
    for (let end = waiting.pop(); end !== undefined; end = waiting.pop()) {
      const { node, socket } = end;
      if (this.isA(node, OUTPUTS_TYPE)) {
        outputs.add(socket);
        continue;
      }
      const type = this.typeOf(node);
      const led = type?.leads?.(socket);
      const key = led === undefined ? node : `${node}|${socket}`;
      if (seen.has(key) || type?.inputs[socket]?.isDelayed === true) continue;
      seen.add(key);
      for (const edge of this.subgraph.edges)
        if (edge.from.node === node && (led?.has(edge.from.socket) ?? true)) waiting.push(edge.to);
    }
    return outputs;
  }

  private behind(input: string): Endpoint[] {
    return this.subgraph.edges.flatMap(({ from, to }) =>
      this.isA(from.node, INPUTS_TYPE) && from.socket === input ? [to] : [],
    );
  }
  private isA(node: string, type: string): boolean {
    return this.nodes.get(node)?.type === type;
  }
  private typeOf(node: string): NodeDefinition | undefined {
    const record = this.nodes.get(node);
    return record && this.library.get(record.type);
  }
}

/**
 * The library with the given subgraphs as node types. One that holds itself, or is not there, is no type:
 * its instances are placeholders.
 */
export function withSubgraphs(library: Library, find: (id: string) => Subgraph | undefined): Library {
  const made = new Map<string, NodeDefinition>();
  const open = new Set<string>();
  const known: Library = {
    get(type) {
      const id = subgraphIdOf({ type });
      if (id === undefined) return library.get(type);
      const before = made.get(id);
      const subgraph = before === undefined && !open.has(id) ? find(id) : undefined;
      if (subgraph === undefined) return before;
      open.add(id);
      const definition = definitionOf(subgraph, known);
      open.delete(id);
      made.set(id, definition);
      return definition;
    },
  };
  return known;
}
