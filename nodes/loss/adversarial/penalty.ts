import type { StageContext } from "@distillery/shared/graph/node";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import {
  add,
  and,
  greater,
  greaterOrEqual,
  mul,
  reduceMean,
  reduceSum,
  sqrt,
  square,
  stopGradient,
  sub,
  where,
} from "@distillery/shared/onnx/ops";

/**
 * mean((|g| - 1)^2) over the samples, g = the gradient of all logits' sum with respect to the hooked features of a sample,
 * every layer in one vector (Gulrajani et al. 2017, taken at features instead of pixels: STD, MCM). `logitsOf` gives the
 * logits of features [B, channels, positions]. Features of one layer count as given, not as made from another layer's.
 */
export function gradientPenalty(layers: readonly Tensor[], logitsOf: (layers: readonly Tensor[]) => Tensor): Tensor {
  const leaves = layers.map(stopGradient);
  const gradients = grad(reduceSum(logitsOf(leaves), { keepdims: false }), leaves);
  const squares = gradients.map((gradient) => reduceSum(square(gradient), { axes: [1, 2], keepdims: false }));
  // The root has no slope at 0; this much is far below what a norm can be told from.
  const norms = sqrt(
    add(
      squares.reduce((sum, part) => add(sum, part)),
      1e-16,
    ),
  );
  return reduceMean(square(sub(norms, 1)), { keepdims: false });
}

const LARGE_PENALTY = 100;
const STEPS_BETWEEN_CHANGES = 500;
const FACTOR = 5;

/**
 * The weight of the penalty in this step. Whenever the penalty is at least 100 and more than 500 steps have passed since
 * the last change, it is 5 times as large from the next step on; it never falls.
 */
export function penaltyWeight(start: number, adapts: boolean, penalty: Tensor, context: StageContext): Tensor {
  const constant = (path: string, mean: number) =>
    context.variable(path, { shape: [], init: { kind: "normal", std: 0, mean }, role: "slot" });
  const weight = constant("penalty.weight", start);
  if (!adapts || context.kind !== "train") return weight;
  const changedAt = constant("penalty.changedAt", 0);
  const grows = and(
    greaterOrEqual(penalty, LARGE_PENALTY),
    greater(sub(context.step, changedAt), STEPS_BETWEEN_CHANGES),
  );
  context.assign("penalty.weight", where(grows, mul(weight, FACTOR), weight));
  context.assign("penalty.changedAt", where(grows, context.step, changedAt));
  return weight;
}
