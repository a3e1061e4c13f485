import { grad } from "../grad";
import type { Tensor } from "../graph";
import { add, reduceSum, square } from "../ops";

/** The sum of squared gradients of the squared output of `build`: its own gradient is of second order. */
export const penalty =
  (build: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]): Tensor =>
    grad(sumOfSquares(build(...inputs)), inputs)
      .map(sumOfSquares)
      .reduce((a, b) => add(a, b));

const sumOfSquares = (x: Tensor): Tensor => reduceSum(square(x), { keepdims: false });
