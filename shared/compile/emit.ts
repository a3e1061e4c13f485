/** Emits nodes of a resolved graph into a stage, in order, turning refusals into findings on the right node. */
import type { GraphEdge, Issue } from "../graph/document";
import type { WireType, WireValues } from "../graph/wires";
import { GraphError } from "../onnx/graph";
import type { ResolvedGraph, ResolvedNode } from "./resolve";
import { type StageBuilder, StageError } from "./stageBuilder";

export type Values = Readonly<Record<string, WireValues[WireType] | undefined>>;

/** Output values of the nodes emitted so far into one stage. */
export class Emission {
  readonly values = new Map<string, Values>();
  /** Nodes that failed, or that hang on one that did. */
  readonly broken = new Set<string>();
  readonly emitted: ResolvedNode[] = [];

  constructor(
    readonly graph: ResolvedGraph,
    readonly stage: StageBuilder,
    readonly issues: Issue[],
  ) {}

  /** Emits `node`, whose sources were emitted before (or have given values). */
  emit(node: ResolvedNode): void {
    if (this.values.has(node.id) || this.broken.has(node.id)) return;
    const { definition } = node;
    if (definition.emit === undefined) {
      this.broken.add(node.id);
      return;
    }
    const inputs = this.inputsOf(node, { delayed: false });
    if (inputs === undefined) {
      this.broken.add(node.id);
      return;
    }
    const context = this.stage.context(node.id, node.title);
    this.attempt(node, () => {
      const outputs = this.stage.graph.scope(node.id, () => definition.emit?.(inputs, node.params, context) ?? {});
      this.values.set(node.id, outputs);
      this.emitted.push(node);
    });
  }

  /** Second phase: delayed inputs now have values. */
  absorb(): void {
    for (const node of this.emitted) {
      const { definition } = node;
      if (definition.absorb === undefined || this.broken.has(node.id)) continue;
      const inputs = this.inputsOf(node, { delayed: true });
      if (inputs === undefined) continue;
      const context = this.stage.context(node.id, node.title);
      this.attempt(node, () =>
        this.stage.graph.scope(node.id, () => definition.absorb?.(inputs, node.params, context)),
      );
    }
  }

  /** Values arriving at a node, by socket; undefined when one of them could not be made. */
  inputsOf(node: ResolvedNode, options: { delayed: boolean }): Record<string, never> | undefined {
    const inputs: Record<string, unknown> = {};
    for (const [name, socket] of Object.entries(node.definition.inputs)) {
      if (socket.isDelayed && !options.delayed) continue;
      const edges = node.inputs.get(name) ?? [];
      const values = edges.map((edge) => this.valueOf(edge));
      const missing = edges[values.indexOf(undefined)];
      if (missing !== undefined) {
        this.explainMissing(node, name, missing);
        return undefined;
      }
      inputs[name] = socket.cardinality === "many" ? values : values[0];
    }
    // The node's own types were checked against the sockets when the wires were resolved.
    return inputs as Record<string, never>;
  }

  /** A node that was built and still has nothing at this output says so by being wired. */
  private explainMissing(node: ResolvedNode, socket: string, edge: GraphEdge): void {
    const source = this.graph.nodes.get(edge.from.node);
    if (source === undefined || !this.values.has(source.id)) return;
    this.issues.push({
      severity: "error",
      code: "no-value",
      message: `"${node.title}": "${source.title}" has no ${edge.from.socket} with its present settings and inputs.`,
      node: node.id,
      socket,
      edge,
    });
  }

  valueOf(edge: GraphEdge): WireValues[WireType] | undefined {
    return this.values.get(edge.from.node)?.[edge.from.socket];
  }

  /** Runs `body`; a refusal becomes an issue on `node` instead of ending the whole compilation. */
  attempt<T>(node: ResolvedNode, body: () => T): T | undefined {
    try {
      return body();
    } catch (error) {
      this.broken.add(node.id);
      this.issues.push(issueOf(error, node));
      return undefined;
    }
  }
}

function issueOf(error: unknown, node: ResolvedNode): Issue {
  if (error instanceof StageError) {
    const edge = error.socket === undefined ? undefined : node.inputs.get(error.socket)?.[0];
    return {
      severity: "error",
      code: error.code,
      message: named(node, error.message),
      node: error.node,
      ...(error.socket === undefined ? {} : { socket: error.socket }),
      ...(edge === undefined ? {} : { edge }),
    };
  }
  if (error instanceof GraphError) {
    return { severity: "error", code: "shape-mismatch", message: named(node, error.message), node: node.id };
  }
  throw error;
}

/** Every message says which node it is about, once. */
const named = ({ title }: ResolvedNode, message: string): string =>
  message.startsWith(`"${title}"`) ? message : `"${title}": ${message}`;
