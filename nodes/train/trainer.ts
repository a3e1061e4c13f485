import { defineNode, type StageContext, type Turn, wire } from "@distillery/shared/graph/node";
import type { LossValue, WeightsValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, greaterOrEqual, max, sub, where } from "@distillery/shared/onnx/ops";
import {
  adam,
  adamw,
  type Bundle,
  bundleVectors,
  clipByGlobalNorm,
  constant,
  cosine,
  type Optimiser,
  sgd,
} from "@distillery/shared/onnx/optimisers";
import { z } from "zod";
import { differentiableAncestors } from "./dependence";

const beta = z.number().min(0).max(0.999999);

const params = z.object({
  steps: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .default(1000)
    .meta({ title: "Steps", description: "Updates of the weights." }),
  batch: z.number().int().min(1).max(4096).default(16).meta({ title: "Batch", description: "Samples per step." }),
  learningRate: z
    .number()
    .positive()
    .max(10)
    .default(0.001)
    .meta({ title: "Learning rate", description: "After the warm-up.", step: 0.0001 }),
  schedule: z.enum(["constant", "cosine"]).default("constant").meta({
    title: "Schedule",
    description: "constant, or half a cosine down to zero at the last step.",
  }),
  warmup: z
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ title: "Warm-up", description: "The rate rises evenly over this many steps.", unit: "steps" }),
  startStep: z.number().int().min(0).default(0).meta({
    title: "Starts at",
    description:
      "Before this step neither the weights nor the optimiser's memory change; the schedule counts from here.",
    unit: "steps",
    advanced: true,
  }),
  turn: z
    .enum(["every", "even", "odd"])
    .default("every")
    .meta({
      title: "Turns",
      description:
        "Student and discriminator may alternate on fresh batches (parity: PCM, TDD): even for the discriminator's trainer, odd " +
        "for the student's. A step is then two turns, one update of each. every: both update at once (MCM, STD).",
      advanced: true,
    }),
  optimiser: z
    .enum(["adamw", "adam", "sgd"])
    .default("adamw")
    .meta({ title: "Optimiser", description: "The rule by which weights move." }),
  beta1: beta.default(0.9).meta({
    title: "Beta 1",
    description: "Adam: memory of the mean gradient. SGD: momentum.",
    step: 0.01,
    advanced: true,
  }),
  beta2: beta
    .default(0.999)
    .meta({ title: "Beta 2", description: "Adam: memory of the squared gradient.", step: 0.001, advanced: true }),
  weightDecay: z.number().min(0).max(1).default(0).meta({
    title: "Weight decay",
    description: "AdamW shrinks the weights themselves; Adam and SGD add an L2 penalty to the gradient.",
    step: 0.01,
    advanced: true,
  }),
  clipNorm: z.number().min(0).default(1).meta({
    title: "Clip gradient norm",
    description: "All gradients are scaled together to at most this joint norm; 0 never clips.",
    step: 0.5,
  }),
  checkpointEvery: z.number().int().min(0).default(500).meta({
    title: "Checkpoint every",
    description: "A run can be continued from its last checkpoint; 0 writes one only at the end.",
    unit: "steps",
    advanced: true,
  }),
});
type Params = z.output<typeof params>;

export const trainer = defineNode({
  type: "train/trainer",
  version: 1,
  title: "Trainer",
  family: "train",
  help:
    "Differentiates the sum of its losses with respect to the weights and updates them, once per step. " +
    "Teacher, student, target, losses, gradients and update run as one graph.",
  formula: "g = dL/dtheta, clipped to |g| <= c;  theta <- update(theta, g)",
  source: "Loshchilov & Hutter 2019 (AdamW); Kingma & Ba 2015 (Adam); Pascanu et al. 2013 (clipping)",
  inputs: {
    loss: wire.loss.many().describe("Objectives, added up."),
    weights: wire.weights.describe(
      "What is trained; it must be a trainable network itself, no copy or average of one.",
    ),
    stages: wire.stage.optional().describe("The last of the run's stages; without it the run is a single one."),
  },
  outputs: { loss: wire.metric, gradNorm: wire.metric, learningRate: wire.metric },
  params,
  trainer: { stage: ({ batch, steps, checkpointEvery, turn }) => ({ batch, steps, checkpointEvery, turn }) },
  emit({ loss, weights }, settings, context) {
    const total = totalLoss(loss, context);
    const parameters = trainedParameters(total, weights, context);
    const raw = grad(
      total,
      parameters.map(([, parameter]) => parameter),
    );
    const trained = parameters.map(([path, parameter], i) => ({ path, parameter, gradient: raw[i] as Tensor }));
    const bundles = bundleVectors(trained, ({ parameter }) => parameter.shape);
    const joined = bundles.map(({ join }) => join(({ gradient }) => gradient));
    const { grads, norm } = clipByGlobalNorm(joined, settings.clipNorm || Number.POSITIVE_INFINITY);
    const clock = clockOf(settings, context);
    const lr = scheduleOf(settings)(clock.step);
    const optimiser = optimiserOf(settings);
    bundles.forEach((bundle, i) => {
      const move = { optimiser, bundle, owner: weights.owner, turn: settings.turn, lr, clock };
      update(move, grads[i] as Tensor, context);
    });
    context.series("loss", total);
    context.series("gradNorm", norm);
    context.series("learningRate", clock.started === null ? lr : where(clock.started, lr, 0));
    const metric = (series: string, title: string) => ({ node: context.nodeId, series, title });
    return {
      loss: metric("loss", "Loss"),
      gradNorm: metric("gradNorm", "Gradient norm"),
      learningRate: metric("learningRate", "Learning rate"),
    };
  },
});

function totalLoss(losses: readonly LossValue[], context: StageContext): Tensor {
  const [first, ...rest] = losses.map(({ value }) => value);
  if (first === undefined)
    return context.fail("There is no loss to minimise: wire a distance here.", "loss", "missing-input");
  return rest.reduce((sum, value) => add(sum, value), first);
}

/** The parameters that the loss really depends on, by path. */
function trainedParameters(total: Tensor, weights: WeightsValue, context: StageContext): [string, Tensor][] {
  if (!weights.trainable) {
    context.fail(
      `"${weights.title}" cannot be trained: it is a teacher, a copy or an average. Wire the student here.`,
      "weights",
      "not-trainable",
    );
  }
  const reached = differentiableAncestors(total);
  const parameters = [...context.parametersOf(weights.owner)].filter(([, { name }]) => reached.has(name));
  if (parameters.length === 0) {
    context.fail(
      `The loss does not depend on the weights of "${weights.title}": make one side of the distance from a jump with these weights.`,
      "loss",
      "no-gradient",
    );
  }
  if (parameters.some(([path, parameter]) => context.next(path, weights.owner) !== parameter)) {
    context.fail(
      `"${weights.title}" is trained by another trainer already; add the losses up in one trainer instead.`,
      "weights",
      "trained-twice",
    );
  }
  return parameters;
}

/** How many updates were made before this step, and whether there is one in it (null: always). */
interface Clock {
  readonly step: Tensor;
  readonly started: Tensor | null;
}

function clockOf({ startStep, steps }: Params, context: StageContext): Clock {
  if (startStep === 0) return { step: context.step, started: null };
  if (startStep >= steps) {
    context.warn(`it starts at step ${startStep} of ${steps}, so it never trains.`, undefined, "never-starts");
  }
  return { step: max(sub(context.step, startStep), 0), started: greaterOrEqual(context.step, startStep) };
}

interface Trained {
  readonly path: string;
  readonly parameter: Tensor;
}

interface Move {
  readonly optimiser: Optimiser;
  readonly bundle: Bundle<Trained>;
  readonly owner: string;
  readonly turn: Turn;
  readonly lr: Tensor;
  readonly clock: Clock;
}

/** Moves a bundle of parameters, and with them the optimiser's memory of each, which belongs to this trainer. */
function update({ optimiser, bundle, owner, turn, lr, clock }: Move, gradient: Tensor, context: StageContext): void {
  const slotPath = (path: string, slot: string) => `${owner}/${path}:${slot}`;
  const memory = (slot: string) =>
    bundle.join(({ path, parameter: { shape } }) =>
      context.variable(slotPath(path, slot), { shape, init: { kind: "zeros" }, role: "slot" }),
    );
  const param = bundle.join(({ parameter }) => parameter);
  const slots = Object.fromEntries(optimiser.slots.map((slot) => [slot, memory(slot)]));
  const next = optimiser.update({ param, grad: gradient, lr, step: clock.step, slots });
  const moved = (value: Tensor, before: Tensor) =>
    bundle.part(clock.started === null ? value : where(clock.started, value, before));
  for (const [{ path }, value] of moved(next.param, param)) context.assign(path, value, owner, turn);
  for (const [slot, memories] of Object.entries(next.slots)) {
    for (const [{ path }, value] of moved(memories, slots[slot] as Tensor)) {
      context.assign(slotPath(path, slot), value, context.nodeId, turn);
    }
  }
}

function scheduleOf({ schedule, learningRate: lr, warmup, steps, startStep }: Params) {
  return schedule === "cosine" ? cosine({ lr, warmup, steps: steps - startStep }) : constant({ lr, warmup });
}

function optimiserOf({ optimiser, beta1, beta2, weightDecay }: Params): Optimiser {
  switch (optimiser) {
    case "adamw":
      return adamw({ beta1, beta2, weightDecay });
    case "adam":
      return adam({ beta1, beta2, weightDecay });
    case "sgd":
      return sgd({ momentum: beta1, weightDecay });
  }
}
