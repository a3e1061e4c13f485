import { atTime, call, type Expr, expr, indexed, row, type Written } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { CodecValue, ConditionValue, MetricValue, ParameterView } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, mul, reduceMean, reshape, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { codecInput, pixelShape, requirePixels } from "../model/pixels";
import { labelEmbedding } from "../student/layers/timeEmbedding";
import { cropOrShrink } from "./adversarial/crop";
import { diffAug } from "./adversarial/diffAug";
import { groupsOf, makeHead } from "./adversarial/head";
import { MODES, picturesOf } from "./adversarial/modes";
import { discriminatorObjective, generatorObjective, OBJECTIVES, startedAt } from "./adversarial/objectives";
import { gradientPenalty, penaltyWeight } from "./adversarial/penalty";
import { pickFrames } from "./adversarial/pickFrames";
import { discriminatorTerm, generatorTerm } from "./adversarial/terms";

const params = z.object({
  mode: z
    .enum(MODES)
    .default("xs-xr")
    .meta({
      title: "Pictures",
      description:
        "Fake and real: x0 both clean; xs both at s; xs-x0 the real one clean; xs-xr the real one somewhat cleaner than the " +
        "student's (asymmetric, STD); xs-xR somewhat noisier.",
    }),
  loss: z.enum(OBJECTIVES).default("wgan").meta({
    title: "Loss",
    description:
      "wgan is clamped at -1 as in STD, which equals hinge up to a constant; hinge-both also bounds the student's side.",
  }),
  weight: z.number().min(0).default(0.7).meta({
    title: "Weight",
    description: "Factor of the student's loss: 0.7 for images, 0.5 for video.",
    step: 0.1,
  }),
  startStep: z.number().int().min(0).default(0).meta({
    title: "Starts at",
    description: "Before this step the student's loss weighs nothing; the discriminator learns on.",
    unit: "steps",
  }),
  colour: z.boolean().default(true).meta({
    title: "Vary colours",
    description: "Brightness, saturation and contrast of what the discriminator sees.",
  }),
  translation: z.number().min(0).max(0.5).default(0.125).meta({
    title: "Shift up to",
    description: "Share of each side; 0 never shifts.",
    step: 0.025,
  }),
  cutout: z.number().min(0).max(0.9).default(0.2).meta({
    title: "Cutout",
    description: "Side of a blanked square as a share of the image's; 0 blanks nothing.",
    step: 0.05,
  }),
  frames: z.number().int().min(1).max(64).default(2).meta({
    title: "Frames",
    description: "Only for clips: random frames of each that are looked at, as single pictures.",
    advanced: true,
  }),
  crop: z.number().int().min(0).max(2048).default(0).meta({
    title: "Crop",
    description:
      "Larger images are cut or shrunk to this size, each in half of the steps: 224 for DINOv2 and 512 px. 0 never crops.",
    unit: "px",
    advanced: true,
  }),
  width: z.number().int().min(0).max(4096).default(0).meta({
    title: "Width",
    description: "Channels of the heads; 0: as many as the hooked layer has.",
    advanced: true,
  }),
  kernel: z.number().int().min(1).max(63).default(9).meta({
    title: "Kernel",
    description: "Positions the residual block looks at, an odd number; less where a layer has fewer positions.",
    step: 2,
    advanced: true,
  }),
  projection: z.number().int().min(1).max(1024).default(64).meta({
    title: "Projection",
    description: "Channels in which features and condition are compared. Only with a condition.",
    advanced: true,
  }),
  embedding: z.number().int().min(1).max(4096).default(64).meta({
    title: "Embedding",
    description: "Length of the learned vector of a condition's labels. Only with a condition.",
    advanced: true,
  }),
  virtualBatch: z.number().int().min(1).max(1024).default(8).meta({
    title: "Virtual batch",
    description: "Samples that are normalised together; the batch is split into equal groups of at most this many.",
    advanced: true,
  }),
  penaltyWeight: z.number().min(0).default(1e-5).meta({
    title: "Gradient penalty",
    description: "Its weight at the start; 0 leaves it out, which is cheaper.",
    step: 1e-5,
  }),
  adaptPenalty: z.boolean().default(true).meta({
    title: "Raise the penalty",
    description: "Five times its weight whenever it is 100 or more, at most once in 500 steps.",
    advanced: true,
  }),
});

/** The asymmetric adversarial loss of STD on features of a frozen encoder (methods 6). */
export const discriminator = defineNode({
  type: "loss/discriminator",
  version: 1,
  title: "Discriminator",
  family: "loss",
  help:
    "Learns to tell the student's pictures from real ones by the features a frozen encoder sees in them, and tells the student " +
    "how to look more real. Wire the student's loss into its trainer, and the discriminator's loss and weights into a trainer " +
    "of their own; both update in the same step from one forward pass.",
  formula: "L_D = mean max(−1, −D(x_r)) + mean max(−1, D(x_s)) + λ (‖∂D/∂features‖ − 1)²;  L_G = −w mean D(x_s)",
  source: "STD (asymmetric); MCM; Sauer et al. 2023, StyleGAN-T (heads); Zhao et al. 2020 (DiffAug)",
  inputs: {
    weights: wire.weights.frozen().describe("A feature extractor; its hooked layers are looked at."),
    fake: wire.state.describe("The student's state at s: x of its jump."),
    predX0: wire.image.optional().describe("The student's clean sample; only for the mode x0."),
    start: wire.state.optional().describe("The state the student jumped from; only for the mode xs-xR."),
    real: wire.image.describe("Real images, clean."),
    condition: wire.condition.optional().describe("What the student's pictures are to be."),
    realCondition: wire.condition.optional().describe("What the real images are, where that is something else."),
    codec: codecInput,
  },
  outputs: {
    generatorLoss: wire.loss.describe("For the student's trainer."),
    discriminatorLoss: wire.loss.describe("For the trainer of these weights."),
    weights: wire.weights.describe("The heads, to be trained."),
    seenFake: wire.image.describe("The student's pictures as they are looked at."),
    seenReal: wire.image.describe("Real images as they are looked at."),
    fakeLogit: wire.metric,
    realLogit: wire.metric,
    penalty: wire.metric.optional().describe("Absent when the gradient penalty is left out."),
    penaltyWeight: wire.metric.optional(),
  },
  params,
  terms(inputs, { mode, loss, weight, penaltyWeight }, context) {
    const encoder = inputs.get("weights")?.expr ?? expr("E");
    const psi = context.name("ψ");
    const fake = inputs.get("fake");
    const x0 = inputs.get("real")?.expr ?? expr("x₀");
    const s = fake?.time ?? expr("s");
    const judge = (x: Written) => call(indexed("D", psi), call(encoder, x), inputs.get("condition")?.expr);
    const noised = (at: Expr) => {
      const x = atTime(x0, at);
      context.define(x, "=", row(indexed("α", at), " ", x0, " + ", indexed("σ", at), " ε"));
      return x;
    };
    const real = (): Expr => {
      if (mode === "x0" || mode === "xs-x0") return x0;
      if (mode === "xs") return noised(s);
      const r = context.time("r");
      context.define(
        r,
        "∼",
        mode === "xs-xr" ? row("U[0, ", s, ")") : row("U[", s, ", ", inputs.get("start")?.time ?? "t", ")"),
      );
      return noised(r);
    };
    const [seen, truth] = [judge((mode === "x0" ? inputs.get("predX0") : fake)?.expr ?? "x̂"), judge(real())];
    const penalty = row(" + ", "λ (‖∂D/∂E‖ − 1)²");
    return {
      generatorLoss: generatorTerm(loss, weight, seen),
      discriminatorLoss: { expr: row(discriminatorTerm(loss, truth, seen), ...(penaltyWeight > 0 ? [penalty] : [])) },
      weights: { expr: expr(psi) },
    };
  },
  emit({ weights, codec, ...given }, settings, context) {
    const { fake, predX0, start, real, condition, realCondition } = pickFrames(given, settings.frames, context);
    checkImages(fake.x, real.x, codec, context);
    checkBatch(fake.x, settings.virtualBatch, context);
    const { graph } = context;
    const extract = extractorOf(weights, context);
    const pictures = picturesOf(settings.mode, { fake, predX0, start, real, codec }, context);
    const seen = (x: Tensor, name: string) =>
      graph.scope(name, () => cropOrShrink(diffAug(x, name, settings, context), settings.crop, name, context));
    const [seenFake, seenReal] = [seen(pictures.fake, "fake"), seen(pictures.real, "real")];
    const layersOf = (x: Tensor) => extract(x).layers;
    const fakeLayers = layersOf(seenFake);
    if (fakeLayers.length === 0) {
      context.fail(
        `"${weights.title}" has no hooked layers to look at; name some blocks there.`,
        "weights",
        "no-layers",
      );
    }

    const parameters: ParameterView = (path, spec) => context.variable(path, { ...spec, role: "parameter" });
    const embed = (given: ConditionValue | undefined) => embeddingOf(given, settings.embedding, parameters);
    const fakeEmbedding = embed(condition);
    const realEmbedding = realCondition === undefined ? fakeEmbedding : embed(realCondition);
    if ((fakeEmbedding === null) !== (realEmbedding === null)) {
      context.fail(
        "the condition of the real images means nothing without one for the student's; wire both.",
        "condition",
        "missing-input",
      );
    }
    const heads = fakeLayers.map((layer, i) =>
      makeHead(parameters, `heads.${i}`, layer, fakeEmbedding !== null, settings, context),
    );
    const logits = (layers: readonly Tensor[], embedding: Tensor | null): Tensor =>
      concat(
        heads.map((head, i) => head(layers[i] as Tensor, embedding)),
        { axis: 1 },
      );
    const fakeLogits = logits(fakeLayers, fakeEmbedding);
    const realLogits = logits(layersOf(seenReal), realEmbedding);

    const generator = mul(generatorObjective(settings.loss, fakeLogits), settings.weight);
    const objective = discriminatorObjective(settings.loss, realLogits, fakeLogits);
    const series = (name: string, title: string, value: Tensor): MetricValue => {
      context.series(name, value);
      return { node: context.nodeId, series: name, title };
    };
    const common = {
      generatorLoss: { value: startedAt(settings.startStep, generator, context) },
      weights: { owner: context.nodeId, title: context.title, trainable: true, sampleShape: null, parameters },
      seenFake: { x: seenFake },
      seenReal: { x: seenReal },
      fakeLogit: series("fakeLogit", "Logit of fakes", reduceMean(fakeLogits, { keepdims: false })),
      realLogit: series("realLogit", "Logit of real images", reduceMean(realLogits, { keepdims: false })),
    };
    if (settings.penaltyWeight === 0) {
      return { ...common, discriminatorLoss: { value: objective }, penalty: undefined, penaltyWeight: undefined };
    }
    const { image, embedding } = mixed(
      { image: seenReal, embedding: realEmbedding },
      { image: seenFake, embedding: fakeEmbedding },
      context,
    );
    const penalty = gradientPenalty(layersOf(image), (layers) => logits(layers, embedding));
    const lambda = penaltyWeight(settings.penaltyWeight, settings.adaptPenalty, penalty, context);
    return {
      ...common,
      discriminatorLoss: { value: add(objective, mul(lambda, penalty)) },
      penalty: series("penalty", "Gradient penalty", penalty),
      penaltyWeight: series("penaltyWeight", "Weight of the penalty", lambda),
    };
  },
});

function checkImages(fake: Tensor, real: Tensor, codec: CodecValue | undefined, context: StageContext): void {
  if (fake.rank !== 4) {
    context.fail(
      `a discriminator looks at images [B, C, H, W] or clips [B, F, C, H, W], but the student's state has shape ${formatShape(fake.shape)}.`,
      "fake",
      "shape-mismatch",
    );
  }
  // Without a codec, latents are refused as such.
  requirePixels(fake, codec, context, "fake");
  const shape = pixelShape(fake.shape, codec);
  if (![shape, fake.shape].some((each) => each.join() === real.shape.join())) {
    context.fail(
      `the student's pictures have shape ${formatShape(shape)}, the real ones ${formatShape(real.shape)}; take both from one data set.`,
      "real",
      "shape-mismatch",
    );
  }
}

function checkBatch(fake: Tensor, virtualBatch: number, context: StageContext): void {
  const batch = fake.shape[0] as number;
  const groups = groupsOf(batch, virtualBatch);
  if (batch % groups !== 0) {
    context.fail(
      `a batch of ${batch} does not split into ${groups} equal virtual batches of at most ${virtualBatch}; choose a batch of ` +
        `${virtualBatch * (groups - 1)} or ${virtualBatch * groups}.`,
      undefined,
      "virtual-batch",
    );
  }
}

/** The sum of a learned vector per label, [B, dimensions]; null where there is no label. */
function embeddingOf(condition: ConditionValue | undefined, dimensions: number, view: ParameterView): Tensor | null {
  const vectors = Object.entries(condition?.labels ?? {}).flatMap(([name, count]) => {
    const index = condition?.tensors[name];
    return index === undefined ? [] : [labelEmbedding(view, `embedding.${name}`, { index, count }, dimensions)];
  });
  return vectors.length === 0 ? null : vectors.reduce((sum, vector) => add(sum, vector));
}

interface Seen {
  readonly image: Tensor;
  readonly embedding: Tensor | null;
}

/** alpha real + (1 - alpha) fake, alpha ~ U[0, 1) per sample; conditions are mixed where they differ. */
function mixed(real: Seen, fake: Seen, context: StageContext): Seen {
  const alpha = context.random("alpha", { kind: "uniform", low: 0, high: 1 }, [real.image.shape[0] as number]);
  const mix = (a: Tensor, b: Tensor) => add(b, mul(sub(a, b), reshape(alpha, [-1, ...a.shape.slice(1).map(() => 1)])));
  const differ = real.embedding !== null && fake.embedding !== null && real.embedding !== fake.embedding;
  return {
    image: mix(real.image, fake.image),
    embedding: differ ? mix(real.embedding as Tensor, fake.embedding as Tensor) : fake.embedding,
  };
}
