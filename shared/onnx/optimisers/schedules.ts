/** Learning rates as functions of the step, a float32 scalar that counts from 0. */
import type { Tensor } from "../graph";
import { add, clip, cos, div, min, mul, sub } from "../ops";

export type Schedule = (step: Tensor) => Tensor;

interface WarmUp {
  /** The rate to reach. */
  readonly lr: number;
  /** Steps over which the rate rises in equal amounts from lr / warmup to lr; default 0. */
  readonly warmup?: number;
}

/** `lr` in every step after the warm-up. */
export const constant =
  ({ lr, warmup = 0 }: WarmUp): Schedule =>
  (step) =>
    warmup <= 1 ? step.graph.constant([lr]) : mul(rising(step, warmup), lr);

export interface CosineOptions extends WarmUp {
  /** Step at which `final` is reached, the warm-up included; the rate stays there afterwards. */
  readonly steps: number;
  readonly final?: number;
}

/** Warm-up, then half a cosine from `lr` down to `final` (Loshchilov & Hutter 2017, eq. 5). */
export const cosine =
  ({ lr, steps, warmup = 0, final = 0 }: CosineOptions): Schedule =>
  (step) => {
    const length = Math.max(1, steps - warmup);
    const progress = clip(div(sub(step, warmup), length), { min: 0, max: 1 });
    const half = (lr - final) / 2;
    const annealed = add(mul(cos(mul(progress, Math.PI)), half), half + final);
    return warmup <= 1 ? annealed : mul(rising(step, warmup), annealed);
  };

const rising = (step: Tensor, warmup: number): Tensor => min(div(add(step, 1), warmup), 1);
