import { call, expr, indexed } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type {
  ConditionValue,
  MetricValue,
  ParameterView,
  StateValue,
  WeightsValue,
} from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, mul, reduceMean, stopGradient } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { copiedParameters } from "../student/view";
import { describeTime, isSameTime, requireSameSchedule } from "../time/labels";
import { discriminatorObjective, generatorObjective, OBJECTIVES, startedAt } from "./adversarial/objectives";
import { ACTIVATIONS, STATE_HEADS, stateHead } from "./adversarial/stateHeads";
import { discriminatorTerm, generatorTerm } from "./adversarial/terms";

const params = z.object({
  hooks: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(64)
    .default(["down.*", "middle"])
    .meta({
      title: "Hooks",
      description:
        'Layers of the network that are looked at, one head or more for each: modules such as "down.0", inner values, or ' +
        "patterns with *. PCM on SDXL: all down blocks and the middle; SDXL-Lightning: the middle alone.",
    }),
  features: z.enum(["frozen", "trained"]).default("frozen").meta({
    title: "Features",
    description:
      "frozen: of the network as it is (PCM, TDD); trained: of a copy of its own that starts from it and is trained with the heads (SDXL-Lightning).",
  }),
  head: z.enum(STATE_HEADS).default("map").meta({
    title: "Heads",
    description: "map: a logit for every position (PCM, TDD); single: halved until one value is left (SDXL-Lightning).",
  }),
  seesStart: z.boolean().default(false).meta({
    title: "Sees the start",
    description:
      "Whether start and end of the jump are judged together, features beside features (SDXL-Lightning's D), or the end alone (its D′, PCM, TDD).",
  }),
  loss: z.enum(OBJECTIVES).default("hinge-both").meta({
    title: "Loss",
    description: "hinge-both in PCM and TDD; bce, non-saturating, in SDXL-Lightning. Averaged over the heads.",
  }),
  weight: z.number().min(0).default(0.1).meta({
    title: "Weight",
    description: "Factor of the student's loss: 0.1 beside a distance (PCM, TDD), 1 where it is the only loss.",
    step: 0.1,
  }),
  startStep: z.number().int().min(0).default(0).meta({
    title: "Starts at",
    description: "Before this step the student's loss weighs nothing; the discriminator learns on.",
    unit: "steps",
  }),
  activation: z.enum(ACTIVATIONS).default("leaky-relu").meta({
    title: "Activation",
    description: "Of map heads: leaky-relu in PCM's released code, gelu in its paper.",
    advanced: true,
  }),
  kernel: z
    .union([z.literal(1), z.literal(3)])
    .default(1)
    .meta({
      title: "Kernel",
      description: "Of map heads: 1 in PCM on SDXL and TDD, 3 on SD1.5.",
      advanced: true,
    }),
  headsPerLayer: z.number().int().min(1).max(16).default(1).meta({
    title: "Heads per layer",
    description: "1 in PCM on SDXL and TDD, 4 on SD1.5.",
    advanced: true,
  }),
  groups: z.number().int().min(1).max(1024).default(32).meta({
    title: "Groups",
    description: "Of each normalisation in the heads; the largest number up to this one that divides the channels.",
    advanced: true,
  }),
});

/**
 * Adversarial losses on states, judged by what a diffusion network sees in them (methods 3.6): D(x_u, u, c) of PCM and TDD,
 * D(x_t, x_s, t, s, c) and D'(x_s, s, c) of SDXL-Lightning. The real state is the distillation target, not data, so that
 * a perfect student leaves nothing to tell.
 */
export const stateDiscriminator = defineNode({
  type: "loss/state-discriminator",
  version: 1,
  title: "State discriminator",
  family: "loss",
  help:
    "Learns to tell the student's states from the target's by the layers of a diffusion network, which knows the time and the " +
    "condition. Wire the student's loss into its trainer, the discriminator's loss and weights into a trainer of their own; " +
    "with turns even for the discriminator and odd for the student they alternate, as in PCM.",
  formula: "L_D = mean relu(1 − D(x̂_u)) + mean relu(1 + D(x_u));  L_G = w mean relu(1 − D(x_u))",
  source: "Wang et al. 2024 (PCM); TDD; Lin et al. 2024 (SDXL-Lightning)",
  inputs: {
    weights: wire.weights.describe("The network whose layers are looked at: the teacher."),
    fake: wire.state.describe("The student's state: its jump, noised again or as it is."),
    real: wire.state.describe("The target's state at the same time (PCM, TDD), or the teacher's own (SDXL-Lightning)."),
    start: wire.state.optional().describe("The state that both come from; only where the start is seen."),
    condition: wire.condition.optional(),
  },
  outputs: {
    generatorLoss: wire.loss.describe("For the student's trainer."),
    discriminatorLoss: wire.loss.describe("For the trainer of these weights."),
    weights: wire.weights.describe("The heads, and the features where they are trained."),
    fakeLogit: wire.metric,
    realLogit: wire.metric,
  },
  params,
  terms(inputs, { loss, weight, seesStart }, { name }) {
    const psi = name("ψ");
    const start = seesStart ? inputs.get("start") : undefined;
    const judge = (socket: string) => {
      const x = inputs.get(socket);
      return call(indexed("D", psi), start?.expr, x?.expr ?? "x", start?.time, x?.time, inputs.get("condition")?.expr);
    };
    const [fake, real] = [judge("fake"), judge("real")];
    return {
      generatorLoss: generatorTerm(loss, weight, fake),
      discriminatorLoss: { expr: discriminatorTerm(loss, real, fake) },
      weights: { expr: expr(psi) },
    };
  },
  emit({ weights, fake, real, start, condition }, settings, context) {
    requireComparable(fake, real, context);
    const parameters: ParameterView = (path, spec) => context.variable(path, { ...spec, role: "parameter" });
    const look = layersOf(weights, condition ?? null, settings, context);
    const before = settings.seesStart ? look(start ?? missingStart(context)) : null;
    const logitsOf = (state: StateValue): Tensor[] =>
      look(state).flatMap((layer, i) => {
        const seen = before === null ? layer : concat([layer, before[i] as Tensor], { axis: 1 });
        return Array.from({ length: settings.headsPerLayer }, (_, k) =>
          stateHead(parameters, `heads.${i}.${k}`, seen, settings),
        );
      });
    const [fakes, reals] = [logitsOf(fake), logitsOf(real)];
    const generator = mean(fakes.map((logits) => generatorObjective(settings.loss, logits)));
    const series = (name: string, title: string, logits: readonly Tensor[]): MetricValue => {
      context.series(name, mean(logits.map((each) => reduceMean(each, { keepdims: false }))));
      return { node: context.nodeId, series: name, title };
    };
    return {
      generatorLoss: { value: startedAt(settings.startStep, mul(generator, settings.weight), context) },
      discriminatorLoss: {
        value: mean(fakes.map((logits, i) => discriminatorObjective(settings.loss, reals[i] as Tensor, logits))),
      },
      weights: { owner: context.nodeId, title: context.title, trainable: true, sampleShape: null, parameters },
      fakeLogit: series("fakeLogit", "Logit of the student's states", fakes),
      realLogit: series("realLogit", "Logit of the target's states", reals),
    };
  },
});

/** Of every head counts as much, however many logits it gives. */
const mean = ([first, ...rest]: readonly Tensor[]): Tensor =>
  mul(
    rest.reduce((sum, value) => add(sum, value), first as Tensor),
    1 / (rest.length + 1),
  );

/** The hooked layers of the frozen network, or of a trained copy, at a state. */
function layersOf(
  weights: WeightsValue,
  condition: ConditionValue | null,
  { hooks, features }: z.output<typeof params>,
  context: StageContext,
): (state: StateValue) => readonly Tensor[] {
  const inner =
    weights.features ??
    context.fail(
      `the layers of "${weights.title}" cannot be looked into: wire a diffusion network from an ONNX file, or a copy of one.`,
      "weights",
      "no-features",
    );
  const frozen: ParameterView = (path, spec) => stopGradient(weights.parameters(path, spec));
  const trained = copiedParameters(weights, context, "features.");
  const view = features === "trained" ? trained : weights.trainable ? frozen : weights.parameters;
  return (state) => inner(state, condition, hooks, view);
}

const missingStart = (context: StageContext): never =>
  context.fail(
    "the start is to be seen, but none is wired: wire the state that student and teacher start from.",
    "start",
    "missing-input",
  );

function requireComparable(fake: StateValue, real: StateValue, context: StageContext): void {
  requireSameSchedule(context, fake.t, real.t, "real");
  if (!isSameTime(fake.t, real.t)) {
    context.fail(
      `student and target can only be told apart at one time, but the student is at ${describeTime(fake.t.label)} and the ` +
        `target at ${describeTime(real.t.label)}. Take both jumps to one s, and noise both to one time.`,
      "real",
      "time-mismatch",
    );
  }
  if (fake.x.shape.join() !== real.x.shape.join()) {
    context.fail(
      `the student's state has shape ${formatShape(fake.x.shape)}, the target's ${formatShape(real.x.shape)}.`,
      "real",
      "shape-mismatch",
    );
  }
}
