import type { Tensor } from "../graph";
import { add, mul, sub } from "../ops";
import type { Optimiser, Slots } from "./optimiser";

export interface SgdOptions {
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** L2 penalty, added to the gradient. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with PyTorch's momentum: v = momentum v + g, p = p - lr v. */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimiser {
  return {
    slots: momentum === 0 ? [] : ["momentum"],
    update({ param, grad, lr, slots }): { param: Tensor; slots: Slots } {
      const g = weightDecay === 0 ? grad : add(grad, mul(param, weightDecay));
      if (momentum === 0) return { param: sub(param, mul(g, lr)), slots: {} };
      const velocity = add(mul(slots.momentum!, momentum), g);
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity;
      return { param: sub(param, mul(direction, lr)), slots: { momentum: velocity } };
    },
  };
}
