import { call, expr, indexed, row, textOf, type Written, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, div, equal, mul, sqrt, square, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { evaluator } from "../model/evaluator";
import { perSample, stateAt } from "../schedule/prediction";
import { describeTime, requireNotAfter } from "../time/labels";

/**
 * Consistency functions f(x_t, t -> s) (methods 3.2).
 * ddim: J = alpha_s predX0 + sigma_s eps (Kim et al. 2024; TCD, PCM, TDD, STD); the identity at s = t by itself.
 * edge: the same, with x itself where s is the state's own time (PCM), free of rounding.
 * boundary: c_skip(t) x + c_out(t) predX0 (Luo et al. 2023, LCM), which lands on the clean end only.
 */
export const jump = defineNode({
  type: "student/jump",
  version: 1,
  title: "Jump",
  family: "student",
  help:
    "Takes a network's prediction at a state straight to the time s in one evaluation. Use one for the student and one, on an " +
    "alias or average of its weights, for the target; both with the same s.",
  formula: "J(x_t, t → s) = α_s x̂₀ + σ_s ε̂",
  source:
    "Kim et al. 2024 (CTM); Zheng et al. 2024 (TCD); Wang et al. 2024 (PCM, edge); Luo et al. 2023 (LCM, boundary)",
  inputs: {
    weights: wire.weights,
    x: wire.state,
    s: wire.time.describe("Where to land; never later than the state's own time."),
    condition: wire.condition.optional(),
  },
  outputs: {
    x: wire.state.describe("The state at s."),
    predX0: wire.image.describe("The clean sample the jump is made from."),
  },
  params: z.object({
    parameterisation: z.enum(["ddim", "edge", "boundary"]).default("ddim").meta({
      title: "Parameterisation",
      description:
        "ddim: along the prediction to s; edge: also exactly the state where s is its own time; boundary: LCM's c_skip and c_out, for s = 0 only.",
    }),
    sigmaData: z.number().positive().default(0.5).meta({
      title: "sigma_data",
      description: "Boundary only: standard deviation of the data.",
      step: 0.1,
    }),
    timestepScaling: z.number().positive().default(10).meta({
      title: "Timestep scaling",
      description: "Boundary only: 10 in LCM, 4 in MCM.",
    }),
  }),
  terms(inputs, { parameterisation }, { define, isFirst, isShared }) {
    const [weights, x, s] = [inputs.get("weights"), inputs.get("x"), inputs.get("s")];
    const theta = weights?.expr ?? expr("θ");
    const t = x?.time ?? expr("t");
    const there = s?.expr ?? expr("s");
    const letter = parameterisation === "edge" ? "f̄" : "f";
    // Boundary scalings land on the clean end only: their f has no s.
    const way = (from: Written, to: Written) => (parameterisation === "boundary" ? from : row(from, " → ", to));
    if (isFirst(`jump ${parameterisation}`)) {
      const generic = call(letter, indexed("x", "t"), way("t", "s"));
      const landing = "α_s x̂₀ + σ_s ε̂";
      if (parameterisation === "ddim") define(generic, "=", landing);
      else if (parameterisation === "edge") define(generic, "=", row(landing, word(", x_t itself where s = t")));
      else define(generic, "=", "c_skip(t) x_t + c_out(t) x̂₀");
    }
    const landed = call(indexed(letter, theta), x?.expr ?? "x", way(t, there), inputs.get("condition")?.expr);
    const predX0 = { expr: call(indexed("x̂₀", theta), x?.expr ?? "x", t, inputs.get("condition")?.expr) };
    if (!isShared("x")) return { x: { expr: landed, time: there }, predX0 };
    const name = indexed(/[⁻−]$/.test(textOf(theta)) ? "x̂⁻" : "x̂", there);
    define(name, "=", landed);
    return { x: { expr: name, time: there }, predX0 };
  },
  emit({ weights, x, s, condition }, params, context) {
    requireNotAfter(context, s, x.t, "s");
    if (params.parameterisation === "boundary" && s.label.max > 0) {
      context.fail(
        `the boundary parameterisation lands on the clean end only, but s is ${describeTime(s.label)}. ` +
          'Set the target time\'s rule to "zero", or use the ddim parameterisation.',
        "s",
        "time-mismatch",
      );
    }
    const prediction = evaluator(weights, context)(x, condition ?? null);
    switch (params.parameterisation) {
      case "ddim":
        return { x: { x: stateAt(s, prediction), t: s }, predX0: { x: prediction.predX0 } };
      case "edge": {
        const isThere = perSample(equal(s.schedule.timestep(s), x.t.schedule.timestep(x.t)), x.x);
        return { x: { x: where(isThere, x.x, stateAt(s, prediction)), t: s }, predX0: { x: prediction.predX0 } };
      }
      case "boundary": {
        const { cSkip, cOut } = boundaryScalings(x, params.sigmaData, params.timestepScaling);
        const clean = add(mul(cSkip, x.x), mul(cOut, prediction.predX0));
        return { x: { x: clean, t: s }, predX0: { x: clean } };
      }
    }
  },
});

/** c_skip = sd^2 / (tau^2 + sd^2), c_out = tau / sqrt(tau^2 + sd^2), tau = scale * t with the raw timestep t. */
export function boundaryScalings(
  { x, t }: StateValue,
  sigmaData: number,
  scale: number,
): { cSkip: Tensor; cOut: Tensor } {
  const tau = mul(perSample(t.schedule.timestep(t), x), scale);
  const total = add(square(tau), sigmaData ** 2);
  return { cSkip: div(sigmaData ** 2, total), cOut: div(tau, sqrt(total)) };
}
