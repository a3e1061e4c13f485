import type { Tensor } from "../graph";
import { add, mul, type Operand, sub } from "../ops";

/** One step of an exponential moving average: decay * current + (1 - decay) * source. `decay` may be a scalar tensor. */
export const ema = (current: Tensor, source: Tensor, decay: Operand): Tensor =>
  add(current, mul(sub(source, current), typeof decay === "number" ? 1 - decay : sub(1, decay)));
