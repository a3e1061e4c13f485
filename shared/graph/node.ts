/** What a node is. A node file exports one `defineNode({...})`; everything else in the product is derived from it. */
import type { z } from "zod";
import type { DType, Graph, Tensor, TensorData } from "../onnx/graph";
import type { InputValues, OutputValues, Sockets } from "./socket";
import type {
  DatasetValue,
  Initialiser,
  Resources,
  ScheduleValue,
  StateValue,
  TimeValue,
  WireType,
  WireValues,
} from "./wires";

export type { Cardinality, InputValues, OutputValues, Sockets } from "./socket";
export { Socket, wire } from "./socket";

/**
 * Where trainers take turns, a step runs the stage twice, on two batches: the even turn for some weights, then the odd one
 * for the others (methods 3.6, parity).
 */
export type Turn = "every" | "even" | "odd";

/** How a random input of a step is drawn: element by element from the run's counter-based generator. */
export type Distribution =
  | { kind: "normal" }
  | { kind: "uniform"; low: number; high: number }
  /** Integers low..high inclusive, as int64. */
  | { kind: "integer"; low: number; high: number };

export interface VariableSpec {
  readonly shape: readonly number[];
  readonly init: Initialiser;
  /** Who sees it: trainable parameters are exported as weights; slots are optimiser state. */
  readonly role: "parameter" | "average" | "slot";
}

/**
 * The graph of one stage while it is being built. A stage is one ONNX graph run once per step.
 * Everything a node adds is named after the node, so values lead back to it.
 */
export interface StageContext {
  readonly graph: Graph;
  readonly kind: "train" | "start" | "sample";
  /** Document node being emitted. */
  readonly nodeId: string;
  readonly title: string;
  readonly batch: number;
  readonly seed: number;
  readonly resources: Resources;
  /** Which of the run's stages of training this is built for, 0 the first. */
  readonly stageIndex: number;
  /** Steps done so far in this stage of training, float32 scalar, 0 in the first step. */
  readonly step: Tensor;
  /** A value made on the host before each step by this node's `host.before`. */
  input(name: string, dtype: DType, shape: readonly number[]): Tensor;
  /** A random value, drawn afresh each step from stream (seed, node, name, step). */
  random(name: string, distribution: Distribution, shape: readonly number[]): Tensor;
  /** A value handed to this node's `host.after` every `every` steps (default 1: each step). */
  output(name: string, tensor: Tensor, every?: number): void;
  /** A scalar recorded every step as series `name` of this node. */
  series(name: string, value: Tensor): void;
  /** A value that lives across steps (parameter, moment, average); `owner` defaults to this node. Same name, same tensor. */
  variable(path: string, spec: VariableSpec, owner?: string): Tensor;
  /** Sets a variable's value for the next step; with `turn`, only where it is that turn's. */
  assign(path: string, value: Tensor, owner?: string, turn?: Turn): void;
  /** The value a variable will have in the next step (its assignment so far, or itself). */
  next(path: string, owner?: string): Tensor;
  /** When that value is taken. */
  turnOf(path: string, owner?: string): Turn;
  /** Trainable variables of `owner` used so far: path -> tensor. */
  parametersOf(owner: string): ReadonlyMap<string, Tensor>;
  /** A weight that stays as it is: one constant for all uses in the stage, named as a variable would be. */
  frozen(path: string, shape: readonly number[], load: () => Float32Array): Tensor;
  /** A large constant whose values are read when the model is written. */
  constant(
    name: string,
    dtype: DType,
    shape: readonly number[],
    load: (resources: Resources) => Promise<TensorData>,
  ): Tensor;
  /** Refuses the graph: the message is shown on this node (and socket). */
  fail(message: string, socket?: string, code?: string): never;
  warn(message: string, socket?: string, code?: string): void;
}

export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}
export type HostTensors = Record<string, HostTensor>;

/** A counter-based stream of random numbers: the same (seed, stream, step) gives the same numbers anywhere. */
export interface RandomStream {
  /** In [0, 1). */
  uniform(): number;
  normal(): number;
  /** In 0..count-1. */
  integer(count: number): number;
}

/** What a host part may do besides making and taking values. */
export interface HostIo {
  readonly step: number;
  metric(name: string, value: number): void;
  /** A picture or state worth looking at; images are encoded by whoever runs the stage. */
  frame(frame: {
    socket: string;
    row: number;
    /** Timestep 0..T-1, or null for clean samples. */
    t: number | null;
    column?: number;
    shape: readonly number[];
    values: Float32Array;
  }): void;
  /** Any small JSON worth drawing live (bank histogram, ...). */
  data(name: string, value: unknown): void;
  log(message: string): void;
}

/** The part of a node that lives on the host across the steps of one run. */
export interface HostPart {
  /** Values of `context.input(...)`, by name. */
  before?(step: number, random: (stream: string) => RandomStream): HostTensors;
  /** Values of `context.output(...)`, by name. */
  after?(step: number, values: HostTensors, io: HostIo): void;
  /** Trajectories arriving at this node's inputs whenever a sampler has run; `socket` -> one entry per link. */
  observe?(trajectories: Readonly<Record<string, readonly TrajectoryData[]>>, io: HostIo): void;
  /**
   * Of a survey: `run` evaluates its stage for one batch, as often as it needs; inputs and outputs have the names that
   * `SurveyDriver.emit` gave them.
   */
  survey?(run: (feeds: HostTensors) => Promise<HostTensors>, io: HostIo): Promise<void>;
  /** Everything needed to continue bit for bit. */
  save?(): HostTensors;
  load?(state: HostTensors): void;
}

/** A sampled path: states at `timesteps`, each [B, ...sampleShape] row-major. */
export interface TrajectoryData {
  readonly sampler: string;
  readonly title: string;
  /** Nodes of the sampler's schedule. */
  readonly nodes: readonly number[];
  readonly timesteps: readonly number[];
  /** Of every state: [B, ...sampleShape]. */
  readonly shape: readonly number[];
  readonly states: readonly Float32Array[];
  /** Network evaluations used, counting guidance once. */
  readonly nfe: number;
  /** In the Imagen form, in which 1 is none; null without guidance. */
  readonly guidanceScale: number | null;
  /** Time spent on the network's steps. */
  readonly milliseconds: number;
  /** What tells this path from the others of the same sampler. */
  readonly label?: string;
}

/** How a path is called among others. */
export const pathTitle = ({ title, label }: Pick<TrajectoryData, "title" | "label">): string =>
  label === undefined ? title : `${title}, ${label}`;

export interface HostOptions {
  readonly seed: number;
  readonly batch: number;
  readonly resources: Resources;
  /** Emitted wire values at this node's inputs that are not tensors (data sets, schedules, trajectories). */
  readonly inputs: Readonly<Record<string, readonly WireValues[WireType][]>>;
  /** What this node declared with `context.input`, by name: what `before` must make. */
  readonly feeds: Readonly<Record<string, { readonly dtype: DType; readonly shape: readonly number[] }>>;
}

/** One way down from a sampler's start. */
export interface SamplerPath {
  /** Nodes of the plan's schedule that are visited, start first. */
  readonly nodes: readonly number[];
  /** The same as timesteps. */
  readonly timesteps: readonly number[];
  /** Network evaluations, counting guidance once. */
  readonly nfe: number;
  /** In the Imagen form (1 is none); fed to the step as `loop.guidanceScale`. All paths of a sampler have one, or none has. */
  readonly guidanceScale?: number;
  /** Tells it from the sampler's other paths. */
  readonly label?: string;
}

/** What a sampler tells the compiler about its loop. One step graph serves all its paths. */
export interface SamplerPlan {
  /** The start's own schedule, or one whose nodes are just the times that the paths visit. Paths end at its node 0. */
  readonly schedule: ScheduleValue;
  readonly paths: readonly SamplerPath[];
  /** Values carried from step to step, zero before the first (multi-step solvers); shapes without the batch axis. */
  readonly carry: Readonly<Record<string, readonly number[]>>;
  /** Run before the first training step, after every that many, and at the end. */
  readonly every: number;
}

/** One step along a path. */
export interface SamplerLoop {
  /** Where it goes to. */
  readonly s: TimeValue;
  readonly carry: Readonly<Record<string, Tensor>>;
  /** Steps done before this one, and steps of the whole path: float32 scalars. */
  readonly index: Tensor;
  readonly steps: Tensor;
  /** A float32 scalar where the plan gives the paths one. */
  readonly guidanceScale?: Tensor | undefined;
}

/** One stage of training: the graph with other parameters, for so many steps. */
export interface StagePlan {
  readonly steps: number;
  /** `node.parameter` -> value. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Nodes whose trained parameters begin anew; all others carry over from the stage before. */
  readonly fresh: readonly string[];
  /** Nodes whose memory (moments, averages, bank) goes on; all others begin with an empty one. */
  readonly keep: readonly string[];
}

/** Fused into the training stage: `emit` adds the update of the weights. A run's stages set its parameter `steps`. */
export interface TrainerDriver<P extends z.ZodObject> {
  stage(params: z.output<P>): { batch: number; steps: number; checkpointEvery: number; turn?: Turn };
}

/** Owns a stage of its own: `start` inputs are evaluated once, then `step` runs along the planned nodes. */
export interface SamplerDriver<I extends Sockets, P extends z.ZodObject> {
  batch(params: z.output<P>): number;
  /** Input sockets evaluated once to start a path (`x` among them); the others are emitted in the step graph. */
  start: readonly (keyof I & string)[];
  plan(params: z.output<P>, start: StateValue, context: StageContext): SamplerPlan;
  /** One step from `inputs.x` to time `s`; returns the state at `s` and the values to carry on. */
  step(
    inputs: InputValues<I, false>,
    params: z.output<P>,
    context: StageContext,
    loop: SamplerLoop,
  ): { x: StateValue; carry: Readonly<Record<string, Tensor>> };
}

/** Which way a measured number is better. */
export type Better = "higher" | "lower";

/** A number with its 95 % interval, out of n pictures. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** What a scorer sees of a finished path. */
export interface ScoredPath {
  /** The last states, float32 [B, ...sampleShape]. */
  readonly image: Tensor;
  /** The states asked for by `ScorerDriver.states`, in that order. */
  readonly states: readonly StateValue[];
}

/**
 * Measures the last states of the paths that arrive at `trajectory` (a `many` input) in a stage of its own. Its other inputs
 * are emitted there: a Start among them draws the very samples the paths began from. Outputs are metrics, and their names
 * are the metrics' names.
 */
export interface ScorerDriver<I extends Sockets, P extends z.ZodObject> {
  /** Per output: how it is called, and which way is better. */
  readonly metrics: Readonly<Record<string, { readonly title: string; readonly better: Better }>>;
  /** Inputs that are compared picture by picture: they have to come from the Start that the paths began at. */
  readonly aligned: readonly (keyof I & string)[];
  /** States that are needed besides the last: places along a path, 0 its start, 1 its end. */
  states?(params: z.output<P>): readonly number[];
  /**
   * Values per picture: [B] under the name of an output, averaged over the pictures (those that are not finite are left
   * out); anything else, [B, ...] or under another name, is for `summarise`. What the wired inputs cannot give is left out.
   */
  emit(
    inputs: InputValues<I, false>,
    params: z.output<P>,
    context: StageContext,
    path: ScoredPath,
  ): Readonly<Record<string, Tensor>>;
  /** Numbers that are no averages over pictures or that no graph can compute, by output. */
  summarise?(
    values: HostTensors,
    resources: Resources,
  ): Readonly<Record<string, Estimate>> | Promise<Readonly<Record<string, Estimate>>>;
  /** Shows what it emitted of a path; `place` is the path's among those it scores. */
  show?(values: HostTensors, place: number, io: HostIo): void;
}

/**
 * Looks at whole data sets with networks as they are: at the start of a run, every so many steps and at the end, in a stage of
 * its own. The node's host part leads it (`HostPart.survey`).
 */
export interface SurveyDriver<I extends Sockets, P extends z.ZodObject> {
  /** Run after every that many steps; 0 only at the start and at the end. */
  every(params: z.output<P>): number;
  /** Samples that the stage looks at at once. */
  batch(params: z.output<P>): number;
  /** What the host part wants to know, by name, of what it feeds to `input`. */
  emit(
    inputs: InputValues<I, false>,
    params: z.output<P>,
    context: StageContext,
    input: (name: string, dtype: DType, shape: readonly number[]) => Tensor,
  ): Readonly<Record<string, Tensor>>;
}

/** What is known of a network that is written to a file. */
export interface ExportedNetwork {
  readonly title: string;
  readonly sampleShape: readonly number[];
  readonly schedule: ScheduleValue;
  /** Number of values of each label it was trained with. */
  readonly labels: Readonly<Record<string, number>>;
  readonly dataset: DatasetValue | null;
  /** Highest solver node of the states in training. */
  readonly startNode: number;
  /** Nodes of the training stage. */
  readonly training: readonly { readonly type: string; readonly params: Readonly<Record<string, unknown>> }[];
  /** How the graph samples with it. */
  readonly samplers: readonly {
    readonly paths: readonly SamplerPath[];
    readonly params: Readonly<Record<string, unknown>>;
  }[];
}

/** Files the executor writes from the weights arriving at `socket`; a node with `exporter` needs no `emit`. */
export interface Exporter<I extends Sockets, P extends z.ZodObject> {
  readonly socket: keyof I & string;
  /**
   * `onnx`: the network as `x, t (, class) -> predX0, eps`; `checkpoint`: its parameters as safetensors.
   * `every`: also after that many steps (0: only at the end). `fileName` has its extension.
   */
  plan(params: z.output<P>): {
    format: "onnx" | "checkpoint";
    fileName: string;
    every: number;
    /** How an ONNX file stores matrices and kernels; float32 when left out. */
    precision?: "float32" | "float16";
  };
  /** JSON beside the ONNX file of a diffusion network: what a program needs to use it. */
  sidecar?(network: ExportedNetwork): unknown;
}

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
  | "export";

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
  /** Params written by an older version -> current ones. */
  migrate?(params: Record<string, unknown>, from: number): Record<string, unknown>;
  /**
   * Adds this node's operations to the stage and returns its output values. Runs while validating, too: no I/O.
   * Absent for samplers, scorers and surveys, and for nodes that only look at trajectories or metrics.
   */
  emit?(inputs: InputValues<I, false>, params: z.output<P>, context: StageContext): OutputValues<O>;
  /** Second phase, after every node (trainers included) was emitted: here the delayed inputs have values, too. */
  absorb?(inputs: InputValues<I, boolean>, params: z.output<P>, context: StageContext): void;
  /** Host part, made once per run and stage. */
  host?(params: z.output<P>, options: HostOptions): HostPart | Promise<HostPart>;
  readonly trainer?: TrainerDriver<P>;
  /** Of a node that describes a stage of training; it is wired (through the stages after it) to a trainer. */
  stage?(params: z.output<P>): StagePlan;
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

/** All node types known here, by type. */
export class NodeLibrary {
  private readonly byType = new Map<string, NodeDefinition>();

  constructor(all: readonly NodeDefinition[]) {
    for (const definition of all) {
      if (this.byType.has(definition.type)) throw new Error(`Two node definitions have the type "${definition.type}".`);
      this.byType.set(definition.type, definition);
    }
  }
  get(type: string): NodeDefinition | undefined {
    return this.byType.get(type);
  }
  all(): NodeDefinition[] {
    return [...this.byType.values()];
  }
}
