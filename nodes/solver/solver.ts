/** What every solver is: one step of the probability-flow ODE from a state to an earlier time. */
import type { Prediction, Space, StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { div, less, log, max, mul, neg, where } from "@distillery/shared/onnx/ops";
import { coefficients } from "../schedule/prediction";

/** Evaluates the (guided) network at a state. */
export type Predict = (x: StateValue) => Prediction;

/** Values carried from step to step of one path, each [B, ...]; zeros before the first step. */
export type Carry = Readonly<Record<string, Tensor>>;

export type Noise = (like: StateValue) => Tensor;

/** What a step knows of the path it belongs to. */
export interface Along {
  /** Fresh noise, shaped as the state. */
  readonly noise: Noise;
  /** Steps done before this one, and steps of the whole path: float32 scalars. */
  readonly index: Tensor;
  readonly steps: Tensor;
}

export interface SolverStep {
  readonly x: StateValue;
  /** The first evaluation's prediction, made at the incoming state. */
  readonly prediction: Prediction;
  readonly carry: Carry;
}

export interface Solver {
  readonly evaluationsPerStep: number;
  /** Coordinates it is made for; all when left out. */
  readonly spaces?: readonly Space[];
  /** Shapes of what is carried, without the batch axis. */
  carry(sampleShape: readonly number[]): Readonly<Record<string, readonly number[]>>;
  /** Moves `x` to time `s` (not later than `x.t`). */
  step(predict: Predict, x: StateValue, s: TimeValue, carry: Carry, along: Along): SolverStep;
}

/** A solver of the ODE itself that can also make single steps, of a path it knows nothing of. */
export interface OdeSolver extends Solver {
  step(predict: Predict, x: StateValue, s: TimeValue, carry: Carry, along?: Along): SolverStep;
}

export const nothingCarried = (): Readonly<Record<string, readonly number[]>> => ({});

/**
 * Pure noise has no finite noise-to-signal ratio: below this alpha schedules are cut. A zero-terminal-SNR table at abar = 2^-24 as
 * in the published schedulers; rectified flow lower, since every path of it may begin there.
 */
const SMALLEST_ALPHA = { vp: 2 ** -12, ve: 2 ** -12, rf: 2 ** -24 } as const;

/** alpha and the noise-to-signal ratio sigma / alpha at `t`: the variance-exploding coordinate is y = x / alpha. */
export function varianceExploding(t: TimeValue, like: Tensor): { alpha: Tensor; sigma: Tensor } {
  const own = coefficients(t, like);
  const alpha = max(own.alpha, SMALLEST_ALPHA[t.schedule.space]);
  return { alpha, sigma: div(own.sigma, alpha) };
}

/** lambda = ln(alpha / sigma), half the log signal-to-noise ratio, broadcasting over `like`. */
export const lambdaAt = (t: TimeValue, like: Tensor): Tensor => neg(log(varianceExploding(t, like).sigma));

/** A divisor of what is 0 where it is 0, too: two equal times in a row have a step of 0, not an undefined one. */
export const nonZero = (value: Tensor): Tensor => where(less(mul(value, value), 1e-20), 1, value);
