/** What a node is. A node file exports one `defineNode({...})`; everything else in the product is derived from it. */
import type { z } from "zod";
import type { Exporter, SamplerDriver, ScorerDriver, StagePlan, SurveyDriver, TrainerDriver } from "./drivers";
import type { Terms } from "./formula";
import type { HostOptions, HostPart } from "./host";
import type { InputValues, OutputValues, Sockets } from "./socket";
import type { StageContext } from "./stageContext";

export type * from "./drivers";
export type * from "./host";
export { pathTitle, picturesOf } from "./host";
export type { Cardinality, InputValues, OutputValues, Sockets } from "./socket";
export { Socket, wire } from "./socket";
export type * from "./stageContext";

export type Family =
  | "data"
  | "schedule"
  | "model"
  | "time"
  | "solver"
  | "bank"
  | "student"
  | "loss"
  | "train"
  | "evaluate"
  | "inspect"
  | "export"
  /** Parts of a graph that a document defines itself. */
  | "subgraph";

export interface NodeDefinition<
  I extends Sockets = Sockets,
  O extends Sockets = Sockets,
  P extends z.ZodObject = z.ZodObject,
> {
  /** `family/name` */
  readonly type: string;
  readonly version: number;
  readonly title: string;
  readonly family: Family;
  /** One paragraph for the palette and the inspector. */
  readonly help: string;
  /** The mathematics in one line of plain text, and where it comes from. */
  readonly formula?: string;
  readonly source?: string;
  readonly inputs: I;
  readonly outputs: O;
  /** Every field has a default and `.meta({title, description, widget?, step?, unit?})`. */
  readonly params: P;
  /** Of a subgraph: the outputs that hang on an input within one step. Absent: all of them do. */
  leads?(input: string): ReadonlySet<string>;
  /** Params written by an older version -> current ones. */
  migrate?(params: Record<string, unknown>, from: number): Record<string, unknown>;
  /**
   * Adds this node's operations to the stage and returns its output values. Runs while validating, too: no I/O.
   * Absent for samplers, scorers and surveys, and for nodes that only look at trajectories or metrics.
   */
  emit?(inputs: InputValues<I, false>, params: z.output<P>, context: StageContext): OutputValues<O>;
  /** Second phase, after every node (trainers included) was emitted: here the delayed inputs have values, too. */
  absorb?(inputs: InputValues<I, boolean>, params: z.output<P>, context: StageContext): void;
  /** Its part of the formula that a graph trains. */
  readonly terms?: Terms<z.output<P>>;
  /** Host part, made once per run and stage. */
  host?(params: z.output<P>, options: HostOptions): HostPart | Promise<HostPart>;
  readonly trainer?: TrainerDriver<P>;
  /** Of a node that describes a stage of training; it is wired (through the stages after it) to a trainer. */
  stage?(params: z.output<P>): StagePlan;
  /** Whether a stage of training may work its trained change into what it starts from. */
  readonly merges?: true;
  readonly sampler?: SamplerDriver<I, P>;
  readonly scorer?: ScorerDriver<I, P>;
  readonly survey?: SurveyDriver<I, P>;
  readonly exporter?: Exporter<I, P>;
}

const definitions = new WeakSet<object>();

/** Declares a node type; the types of `emit`'s arguments follow from the sockets and the schema. */
export function defineNode<const I extends Sockets, const O extends Sockets, P extends z.ZodObject>(
  definition: NodeDefinition<I, O, P>,
): NodeDefinition {
  const erased = definition as NodeDefinition;
  definitions.add(erased);
  return erased;
}

export const isNodeDefinition = (value: unknown): value is NodeDefinition =>
  typeof value === "object" && value !== null && definitions.has(value);

/** Who brought some of the nodes. */
export interface NodeOrigin {
  readonly name: string;
  readonly version: string;
  /** Types of its nodes. */
  readonly nodes: readonly string[];
}

/** All node types known here, by type. */
export class NodeLibrary {
  private readonly byType = new Map<string, NodeDefinition>();
  private readonly origins = new Map<string, NodeOrigin>();

  /** @param packs whose nodes are among `all`. */
  constructor(all: readonly NodeDefinition[], packs: readonly NodeOrigin[] = []) {
    for (const pack of packs) for (const type of pack.nodes) this.origins.set(type, pack);
    for (const definition of all) {
      if (this.byType.has(definition.type)) throw new Error(`Two node definitions have the type "${definition.type}".`);
      this.byType.set(definition.type, definition);
    }
  }
  get(type: string): NodeDefinition | undefined {
    return this.byType.get(type);
  }
  /** The pack that brought a type; undefined for the product's own. */
  originOf(type: string): NodeOrigin | undefined {
    return this.origins.get(type);
  }
  all(): NodeDefinition[] {
    return [...this.byType.values()];
  }
}
