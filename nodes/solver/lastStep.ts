import type { Tensor } from "@distillery/shared/onnx/graph";
import { and, greater, less, sub } from "@distillery/shared/onnx/ops";
import type { Along } from "./solver";

/** Whether multistep solvers make their last step of order 1: on paths of few steps, always, or never. */
export const LAST_STEPS = ["few steps", "always", "never"] as const;
export type LastStepRule = (typeof LAST_STEPS)[number];

/** Paths shorter than this have few steps (Lu et al. 2022: order 2 is unstable at their end). */
const FEW_STEPS = 15;

export const isFirstStep = ({ index }: Along): Tensor => less(index, 0.5);

export const isLastStep = ({ index, steps }: Along): Tensor => greater(index, sub(steps, 1.5));

/** bool scalar, or false where it is never so. */
export function endsInOrderOne(rule: LastStepRule, along: Along): Tensor | false {
  if (rule === "never") return false;
  const isLast = isLastStep(along);
  return rule === "always" ? isLast : and(isLast, less(along.steps, FEW_STEPS));
}
