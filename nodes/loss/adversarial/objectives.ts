/** What discriminator and generator minimise, given logits of any shape; every reduction is the mean over all logits. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, greaterOrEqual, max, mul, neg, reduceMean, relu, softplus, sub } from "@distillery/shared/onnx/ops";

export const OBJECTIVES = ["wgan", "hinge", "hinge-both", "bce"] as const;
export type Objective = (typeof OBJECTIVES)[number];

const mean = (x: Tensor): Tensor => reduceMean(x, { keepdims: false });

/**
 * wgan: mean(max(-1, -D_r)) + mean(max(-1, D_f)), clamped, which is hinge less 2 (STD, MCM); hinge (Lim & Ye 2017):
 * mean(relu(1 - D_r)) + mean(relu(1 + D_f)); bce (Goodfellow et al. 2014): mean(softplus(-D_r)) + mean(softplus(D_f)).
 */
export function discriminatorObjective(kind: Objective, real: Tensor, fake: Tensor): Tensor {
  switch (kind) {
    case "wgan":
      return add(mean(max(neg(real), -1)), mean(max(fake, -1)));
    case "hinge":
    case "hinge-both":
      return add(mean(relu(sub(1, real))), mean(relu(add(fake, 1))));
    case "bce":
      return add(mean(softplus(neg(real))), mean(softplus(fake)));
  }
}

/** -mean(D_f); hinge-both (PCM, TDD): mean(relu(1 - D_f)); bce: mean(softplus(-D_f)), the non-saturating form. */
export function generatorObjective(kind: Objective, fake: Tensor): Tensor {
  switch (kind) {
    case "wgan":
    case "hinge":
      return neg(mean(fake));
    case "hinge-both":
      return mean(relu(sub(1, fake)));
    case "bce":
      return mean(softplus(neg(fake)));
  }
}

/** Zero before the given step, with no gradient either. */
export function startedAt(step: number, value: Tensor, context: StageContext): Tensor {
  if (step === 0 || context.kind !== "train") return value;
  return mul(value, cast(greaterOrEqual(context.step, step), "float32"));
}
