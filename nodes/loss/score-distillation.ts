import { call, type Expr, expr, indexed, of, row, weighted as times, word } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { Prediction, ScheduleValue, StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { abs, add, div, mul, reduceMean, reduceSum, square, stopGradient, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { coefficients, stateAt } from "../schedule/prediction";
import { guidanceParams, guided, guidedTerm } from "../solver/guidance";
import { ownLabel } from "../time/labels";

/**
 * The gradient of the divergence between the student's distribution and the teacher's at a noised state
 * x_t = alpha x + sigma eps: alpha (s_fake(x_t) - s_real(x_t)), with s = -(x_t - alpha predX0) / sigma^2 of a network. DMD
 * weighs it so that (predX0_fake - predX0_real) / mean |x - predX0_real| is left, meant over all elements (Yin et al. 2024,
 * eq. 7 and 8, as its released code has them).
 */
export const scoreDistillation = defineNode({
  type: "loss/score-distillation",
  version: 1,
  title: "Score distillation",
  family: "loss",
  help:
    "Moves the student's pictures where the teacher finds them likelier than a network does that knows only the student's pictures: " +
    "the fake score, a copy of the teacher trained on them. Wire x and x0 from here into a denoising loss of that copy, with a " +
    "trainer of its own; all of it updates in one step.",
  formula: "∇ = w(t) (s_fake(x_t) − s_real(x_t)) ∂x/∂θ",
  source: "Yin et al. 2024 (DMD), eq. 7 and 8; Ren et al. 2024 (Hyper-SD), one-step stage",
  inputs: {
    teacher: wire.weights.describe("The real score."),
    fake: wire.weights.describe("The fake score: a trained copy of the teacher."),
    images: wire.image.describe("The student's clean samples: predX0 of its jump."),
    schedule: wire.schedule,
    condition: wire.condition.optional(),
  },
  outputs: {
    loss: wire.loss.describe("For the student's trainer."),
    x: wire.state.describe("The samples noised, for the fake score's denoising loss."),
    x0: wire.image.describe("The samples themselves, taken as given."),
    difference: wire.metric,
  },
  params: z.object({
    lowest: z.number().min(0).max(1).default(0.02).meta({
      title: "Least noise",
      description: "Share of the grid from which the noising time is drawn.",
      step: 0.02,
    }),
    highest: z.number().min(0).max(1).default(0.98).meta({
      title: "Most noise",
      description: "Share of the grid up to which it is drawn.",
      step: 0.02,
    }),
    weighting: z.enum(["dmd", "divergence"]).default("dmd").meta({
      title: "Weighting",
      description:
        "dmd: by the teacher's error, so that all times count alike; divergence: the exact gradient of the KL divergence at t.",
    }),
    ...guidanceParams,
    weight: z
      .number()
      .min(0)
      .default(1)
      .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
  }),
  terms(inputs, { lowest, highest, weighting, weight, ...guidance }, { name, time, define }) {
    const [condition, schedule] = [inputs.get("condition")?.expr, inputs.get("schedule")];
    const letter = name("x̃");
    const t = time("t");
    const [clean, noised] = [indexed(letter, "0"), indexed(letter, t)];
    define(clean, "=", inputs.get("images")?.expr ?? "x̂₀");
    define(t, "∼", word(`U{nodes ⌈${lowest} N⌉ … ⌊${highest} N⌋}`));
    define(noised, "=", row(of(schedule, indexed("α", t)), " ", clean, " + ", of(schedule, indexed("σ", t)), " ε"));
    const seenBy = (network: Expr) => call(indexed("x̂₀", network), noised, t, condition);
    const real = seenBy(guidedTerm(inputs.get("teacher")?.expr ?? expr("φ"), guidance, { define }));
    const gap = row("(", seenBy(inputs.get("fake")?.expr ?? expr("ψ")), " − ", real, ")");
    const g = name("g̃");
    define(
      g,
      "=",
      weighting === "dmd"
        ? row(gap, word(" / mean "), "|", clean, " − ", real, "|")
        : row("(", indexed("α", t), "/", indexed("σ", t), ")² ", gap),
    );
    return {
      loss: { expr: times(weight, row(word("mean "), "½ |", clean, " − ", word("sg"), "(", clean, " − ", g, ")|²")) },
      x: { expr: noised, time: t },
      x0: { expr: clean },
    };
  },
  emit({ teacher, fake, images, schedule, condition }, params, context) {
    const x = images.x;
    const given = stopGradient(x);
    const t = drawnTime(schedule, params, context);
    const noised: StateValue = {
      x: stateAt(t, { predX0: given, eps: context.random("eps", { kind: "normal" }, x.shape) }),
      t,
    };
    const real = guided(teacher, condition, params, context)(noised);
    const made = guided(fake, condition, { ...params, guidance: "none" }, context)(noised);
    const gradient = stopGradient(weighted(params.weighting, made, real, given, t));
    context.series("difference", reduceMean(abs(gradient), { keepdims: false }));
    // A loss whose gradient at x is the wanted one, of the size of a mean over the batch.
    const loss = mul(
      reduceSum(square(sub(x, sub(given, gradient))), { keepdims: false }),
      0.5 / (x.shape[0] as number),
    );
    return {
      loss: { value: mul(loss, params.weight) },
      x: noised,
      x0: { x: given },
      difference: { node: context.nodeId, series: "difference", title: "Score difference" },
    };
  },
});

function drawnTime(
  schedule: ScheduleValue,
  { lowest, highest }: { lowest: number; highest: number },
  context: StageContext,
): TimeValue {
  const low = Math.max(1, Math.ceil(lowest * schedule.nodes));
  const high = Math.floor(highest * schedule.nodes);
  if (low > high) {
    context.fail(
      `no solver node lies between ${lowest} and ${highest} of a grid of ${schedule.nodes}; widen the range.`,
      "schedule",
      "time-range",
    );
  }
  const node = context.random("node", { kind: "integer", low, high }, [context.batch]);
  return { schedule, node, label: ownLabel(context.nodeId, `the noising time of "${context.title}"`, low, high) };
}

function weighted(
  weighting: "dmd" | "divergence",
  fake: Prediction,
  real: Prediction,
  x: Tensor,
  t: TimeValue,
): Tensor {
  const gap = sub(fake.predX0, real.predX0);
  if (weighting === "divergence") {
    const { alpha, sigma } = coefficients(t, x);
    return mul(gap, square(div(alpha, sigma)));
  }
  const axes = x.shape.slice(1).map((_, i) => i + 1);
  // Where the teacher is right already there is nothing to divide by.
  return div(gap, add(reduceSum(abs(sub(x, real.predX0)), { axes }), 1e-6));
}
