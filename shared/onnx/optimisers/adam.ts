import type { Tensor } from "../graph";
import { add, div, mul, sqrt, square, sub, tanh } from "../ops";
import type { Optimiser } from "./optimiser";

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  /** Adam: L2 penalty added to the gradient (default 0). AdamW: decay applied to the weight (default 0.01). */
  readonly weightDecay?: number;
}

/** Adam (Kingma & Ba 2015, algorithm 1) with bias correction, as PyTorch's. */
export const adam = ({ weightDecay = 0, ...options }: AdamOptions = {}): Optimiser =>
  moments(
    options,
    (grad, param) => (weightDecay === 0 ? grad : add(grad, mul(param, weightDecay))),
    (param) => param,
  );

/** AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2), as PyTorch's. */
export const adamw = ({ weightDecay = 0.01, ...options }: AdamOptions = {}): Optimiser =>
  moments(
    options,
    (grad) => grad,
    (param, lr) => (weightDecay === 0 ? param : mul(param, sub(1, mul(lr, weightDecay)))),
  );

function moments(
  { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }: AdamOptions,
  penalised: (grad: Tensor, param: Tensor) => Tensor,
  decayed: (param: Tensor, lr: Tensor) => Tensor,
): Optimiser {
  /** The step's scalars, made once and shared by all parameters. */
  const scalars = new WeakMap<Tensor, { lr: Tensor; rate: Tensor; floor: Tensor }>();
  const scalarsOf = (lr: Tensor, step: Tensor) => {
    const known = scalars.get(step);
    if (known?.lr === lr) return known;
    const root = sqrt(biasCorrection(beta2, step));
    // lr / c1 * m / (sqrt(v / c2) + eps), with sqrt(c2) moved to the scalars.
    const made = { lr, rate: div(mul(lr, root), biasCorrection(beta1, step)), floor: mul(root, eps) };
    scalars.set(step, made);
    return made;
  };
  return {
    slots: ["m", "v"],
    update({ param, grad, lr, step, slots }) {
      const { rate, floor } = scalarsOf(lr, step);
      const g = penalised(grad, param);
      const m = add(mul(slots.m!, beta1), mul(g, 1 - beta1));
      const v = add(mul(slots.v!, beta2), mul(square(g), 1 - beta2));
      const move = mul(div(m, add(sqrt(v), floor)), rate);
      return { param: sub(decayed(param, lr), move), slots: { m, v } };
    },
  };
}

/**
 * 1 - beta^(step + 1). As 2u / (1 + u) with u = tanh(-(step + 1) log(beta) / 2), since the plain form loses four
 * digits of float32 in the first steps with beta near 1.
 */
function biasCorrection(beta: number, step: Tensor): Tensor {
  if (beta === 0) return step.graph.constant([1]);
  const u = tanh(mul(add(step, 1), -Math.log(beta) / 2));
  return div(mul(u, 2), add(u, 1));
}
