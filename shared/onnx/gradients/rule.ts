/** What a gradient rule is: one operator's input gradients in terms of its output gradients. */
import type { Graph, Node, Tensor } from "../graph";

export interface RuleContext {
  readonly graph: Graph;
  readonly node: Node;
  /** The node's inputs; null where an optional input is absent. */
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  /** Gradient of the loss for each output; null where it is zero. At least one is not null. */
  readonly grads: readonly (Tensor | null)[];
  /** Whether the gradient of input i is wanted; rules may skip work for those that are not. */
  readonly needs: readonly boolean[];
  /** Names of the values whose gradients the caller of `grad` asked for: rules must not skip over one of these. */
  readonly wanted: ReadonlySet<string>;
}

/** Returns one gradient per input, null for "no gradient" (not wanted, integer, or identically zero). */
export type GradientRule = (context: RuleContext) => readonly (Tensor | null)[];

/** ONNX operator name -> rule. */
export type RuleTable = Readonly<Record<string, GradientRule>>;
