import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { reduceMean, square, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { evaluator } from "../model/evaluator";

export const selfConsistency = defineNode({
  type: "evaluate/self-consistency",
  version: 1,
  title: "Self-consistency error",
  family: "evaluate",
  help:
    "A consistent student jumps to the same end from anywhere on one path. Wire the teacher's sampler: the student's clean predictions from two " +
    "of its states are compared.",
  formula: "mean (x̂₀(x_t, t) − x̂₀(x_t′, t′))², x_t and x_t′ on one path of the teacher",
  source: "Song et al. 2023, Consistency models, definition 1",
  inputs: {
    weights: wire.weights.describe("The student."),
    trajectory: wire.trajectory.many().describe("Paths of the teacher."),
    condition: wire.condition.optional().describe("From the Start of these paths."),
  },
  outputs: { selfConsistencyError: wire.metric },
  params: z.object({
    from: z.number().min(0).max(1).default(0).meta({
      title: "First place",
      description: "Where on the path the one jump begins: 0 at its start, 1 at its end.",
      step: 0.1,
    }),
    to: z.number().min(0).max(1).default(0.5).meta({
      title: "Second place",
      description: "Where on the path the other jump begins.",
      step: 0.1,
    }),
  }),
  scorer: {
    metrics: { selfConsistencyError: { title: "Self-consistency error", better: "lower" } },
    aligned: ["condition"],
    states: ({ from, to }) => [from, to],
    emit({ weights, condition }, _params, context, { states }) {
      const predict = evaluator(weights, context);
      const [a, b] = states.map((state) => predict(state, condition ?? null).predX0) as [Tensor, Tensor];
      const axes = a.shape.slice(1).map((_, i) => i + 1);
      return { selfConsistencyError: reduceMean(square(sub(a, b)), { axes, keepdims: false }) };
    },
  },
});
