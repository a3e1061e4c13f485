import { call, weighted } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { add, mul, reduceMean, sqrt, square, stopGradient, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { describeTime, isSameTime, requireSameSchedule } from "../time/labels";

/** mean(sqrt((p - q)^2 + c^2) - c) over all elements (Song & Dhariwal 2023, eq. 7, as the distillation scripts use it). */
export const pseudoHuber = (p: Tensor, q: Tensor, c: number): Tensor =>
  reduceMean(sub(sqrt(add(square(sub(p, q)), c * c)), c), { keepdims: false });

/** mean((p - q)^2) over all elements. */
export const meanSquared = (p: Tensor, q: Tensor): Tensor => reduceMean(square(sub(p, q)), { keepdims: false });

/** Distance between the student's and the target's state at one time; the target takes no gradient. */
export const consistency = defineNode({
  type: "loss/consistency",
  version: 1,
  title: "Consistency distance",
  family: "loss",
  help: "How far the student's jump lands from the target's jump. Both must be at the same time: take s of both jumps from one node.",
  formula: "L = mean(√((y − ŷ)² + c²) − c)   or   mean((y − ŷ)²)",
  source: "Song & Dhariwal 2023, Improved techniques for training consistency models; Luo et al. 2023 (c = 0.001)",
  inputs: { student: wire.state, target: wire.state.describe("Taken as given: no gradient flows here.") },
  outputs: { loss: wire.loss },
  params: z.object({
    distance: z.enum(["pseudo-huber", "l2"]).default("pseudo-huber").meta({
      title: "Distance",
      description: "Pseudo-Huber with a small c is almost the absolute difference; l2 is the mean square.",
    }),
    c: z.number().positive().default(0.001).meta({
      title: "Huber c",
      description: "Where the pseudo-Huber distance turns from square to linear.",
      step: 0.001,
    }),
    weight: z
      .number()
      .min(0)
      .default(1)
      .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
  }),
  terms(inputs, { distance, c, weight }, { define, isFirst }) {
    if (isFirst(`distance ${distance} ${c}`))
      define(call("d", "p", "q"), "=", distance === "l2" ? "mean (p − q)²" : `mean(√((p − q)² + ${c}²) − ${c})`);
    return {
      loss: {
        expr: weighted(weight, call("d", inputs.get("student")?.expr ?? "ŷ", inputs.get("target")?.expr ?? "y")),
      },
    };
  },
  emit({ student, target }, { distance, c, weight }, context) {
    requireSameSchedule(context, student.t, target.t, "target");
    if (!isSameTime(student.t, target.t)) {
      context.fail(
        `two states can only be compared at one time, but the student is at ${describeTime(student.t.label)} and the ` +
          `target is at ${describeTime(target.t.label)}. Wire the same s into both jumps.`,
        "target",
        "time-mismatch",
      );
    }
    if (student.x.shape.join() !== target.x.shape.join()) {
      context.fail(
        `the student's state has shape ${formatShape(student.x.shape)}, the target's ${formatShape(target.x.shape)}.`,
        "target",
        "shape-mismatch",
      );
    }
    const goal = stopGradient(target.x);
    const value = distance === "l2" ? meanSquared(student.x, goal) : pseudoHuber(student.x, goal, c);
    return { loss: { value: mul(value, weight) } };
  },
});
