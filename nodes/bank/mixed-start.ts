import { call, indexed, row, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import { equal, less, stopGradient, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { evaluator } from "../model/evaluator";
import { perSample, stateAt } from "../schedule/prediction";
import { fixedLabel } from "../time/labels";

/**
 * The mixed trajectories of MCM (methods 4.7): with probability `share` the clean sample is the student's own, predicted in one
 * evaluation from pure noise and without gradient, and noised to the same time.
 */
export const mixedStart = defineNode({
  type: "bank/mixed-start",
  version: 1,
  title: "Mixed start",
  family: "bank",
  help:
    "Replaces part of the starts by noised samples of the student's own, so that it is trained on the states it will meet when it samples, not " +
    "only on noised data. Wire Start into it and its outputs on to solver and jump.",
  formula: "x₀ ← sg(x̂₀(ε, T)) with probability p,  x_t = α_t x₀ + σ_t ε′",
  source: "Zhai et al. 2024, Motion consistency model (MCM), mixed trajectory distillation",
  inputs: {
    weights: wire.weights.describe("The student."),
    x: wire.state.describe("Noised data."),
    x0: wire.image.describe("The data it was made from."),
    condition: wire.condition.optional(),
  },
  outputs: {
    x: wire.state.describe("Noised data, or noised samples of the student, per row; at the same times."),
    x0: wire.image.describe("What they were made from."),
  },
  params: z.object({
    share: z.number().min(0).max(1).default(0.5).meta({
      title: "Own samples",
      description: "Probability of starting from the student's own sample; 0 never.",
      step: 0.05,
    }),
    hardSwap: z.boolean().default(true).meta({
      title: "Pure noise at the last node",
      description: "Where a row is at the grid's last node, feed noise alone, as the Start's setting does for data.",
      advanced: true,
    }),
  }),
  terms(inputs, { share }, { define }) {
    const weights = inputs.get("weights");
    const x = inputs.get("x");
    const x0 = inputs.get("x0");
    const own = row(word("sg "), call(indexed("x̂₀", weights?.expr ?? "θ"), "ε, T"));
    define(x0?.expr ?? "x₀", "←", row(own, word(` with probability ${share}`)));
    return { x, x0 };
  },
  emit({ weights, x, x0, condition }, { share, hardSwap }, context) {
    const { graph, batch } = context;
    const { schedule, label } = x.t;
    const node = graph.constant(Array<number>(batch).fill(schedule.nodes), [batch], "int64");
    const noise = context.random("noise", { kind: "normal" }, x.x.shape);
    const last = { schedule, node, label: fixedLabel(schedule.nodes) };
    const own = stopGradient(evaluator(weights, context)({ x: noise, t: last }, condition ?? null).predX0);
    const draw = context.random("own", { kind: "uniform", low: 0, high: 1 }, [batch]);
    const isOwn = perSample(less(draw, share), own);
    const eps = context.random("eps", { kind: "normal" }, x.x.shape);
    const noised = stateAt(x.t, { predX0: own, eps });
    const isLast = perSample(equal(x.t.node, schedule.nodes), own);
    const begun = hardSwap && label.max === schedule.nodes ? where(isLast, eps, noised) : noised;
    return { x: { x: where(isOwn, begun, x.x), t: x.t }, x0: { x: where(isOwn, own, x0.x) } };
  },
});
