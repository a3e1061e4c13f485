/** What a node sees of the graph it adds its operations to. */
import type { DType, Graph, Tensor, TensorData } from "../onnx/graph";
import type { Initialiser, Resources } from "./wires";

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
  /** Who sees it: trainable parameters are exported as weights; slots are optimiser state; a base is what a LoRA changes, once others are worked in. */
  readonly role: "parameter" | "average" | "slot" | "base";
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
  /** Whether this node's change was worked into its base before this stage of training, or an earlier one. */
  readonly isMerged: boolean;
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
