/** What every solver is: one step of the probability-flow ODE from a state to an earlier time. */
import type { Prediction, StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { GraphError, type Tensor } from "@distillery/shared/onnx/graph";
import { div, max } from "@distillery/shared/onnx/ops";
import { coefficients } from "../schedule/prediction";

/** Evaluates the (guided) network at a state. */
export type Predict = (x: StateValue) => Prediction;

/** Values carried from step to step of one path, each [B, ...]; zeros before the first step. */
export type Carry = Readonly<Record<string, Tensor>>;

export type Noise = (like: StateValue) => Tensor;

export interface SolverStep {
  readonly x: StateValue;
  /** The first evaluation's prediction, made at the incoming state. */
  readonly prediction: Prediction;
  readonly carry: Carry;
}

export interface Solver {
  readonly title: string;
  readonly evaluationsPerStep: number;
  /** Shapes of what is carried, without the batch axis. */
  carry(sampleShape: readonly number[]): Readonly<Record<string, readonly number[]>>;
  /**
   * Moves `x` to time `s` (not later than `x.t`). An empty `carry` means a first step. `noise` gives fresh noise, shaped
   * as the state, to those that want some.
   */
  step(predict: Predict, x: StateValue, s: TimeValue, carry: Carry, noise: Noise): SolverStep;
}

/** A solver of the ODE itself: it wants no noise. */
export interface OdeSolver extends Solver {
  step(predict: Predict, x: StateValue, s: TimeValue, carry: Carry): SolverStep;
}

export const nothingCarried = (): Readonly<Record<string, readonly number[]>> => ({});

/** Below this sqrt(abar) a zero-terminal-SNR schedule is cut so that the noise-to-signal ratio stays finite (abar = 2^-24). */
const SMALLEST_ALPHA = 2 ** -12;

/** sqrt(abar) and the noise-to-signal ratio sigma / alpha at `t`: the variance-exploding coordinate is y = x / alpha. */
export function varianceExploding(t: TimeValue, like: Tensor): { alpha: Tensor; sigma: Tensor } {
  if (t.schedule.space !== "vp") {
    throw new GraphError(`Variance-exploding coordinates are made from a VP schedule, not from "${t.schedule.space}".`);
  }
  const vp = coefficients(t, like);
  const alpha = max(vp.alpha, SMALLEST_ALPHA);
  return { alpha, sigma: div(vp.sigma, alpha) };
}
