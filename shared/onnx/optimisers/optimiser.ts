import type { Tensor } from "../graph";

/** An optimiser's state variables for one parameter, by slot name. */
export type Slots = Readonly<Record<string, Tensor>>;

export interface UpdateInput {
  readonly param: Tensor;
  /** Of the parameter's shape. */
  readonly grad: Tensor;
  /** Learning rate, a float32 scalar. */
  readonly lr: Tensor;
  /** Updates made before this one, a float32 scalar: 0 in the first step. */
  readonly step: Tensor;
  /** One tensor of the parameter's shape for each name in `Optimiser.slots`. */
  readonly slots: Slots;
}

/** The rule by which one parameter moves. */
export interface Optimiser {
  /** State variables for each parameter, of its shape and zero before the first step. */
  readonly slots: readonly string[];
  /** The parameter and its state variables after one step. */
  update(input: UpdateInput): { param: Tensor; slots: Slots };
}
