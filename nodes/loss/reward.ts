import { call, indexed, of, row, weighted, word } from "@distillery/shared/graph/formula";
import { defineNode, type InputValues, type StageContext, wire } from "@distillery/shared/graph/node";
import type { FeaturesValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { mul, reduceMean, reduceSum, relu, reshape, softmax, stopGradient, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { extractorOf } from "../model/evaluator";
import { headOn } from "../model/head";
import { codecInput, pixelsOf } from "../model/pixels";
import { labelOf, oneHot } from "./labels";
import { normalised } from "./normalised";

const inputs = {
  weights: wire.weights.describe("The frozen network that rewards: an encoder or classifier from any ONNX file."),
  images: wire.image.describe("The student's clean pictures: predX0 of its jump."),
  reference: wire.image.optional().describe("Cosine only: a real picture of the wanted look for each row."),
  condition: wire.condition.optional().describe("Class only: what each picture is to be."),
  codec: codecInput,
};

const params = z.object({
  reward: z
    .enum(["cosine", "head", "number", "class"])
    .default("cosine")
    .meta({
      title: "Reward",
      description:
        "cosine: of the embedding with the reference's; head: a predictor on the embedding (LAION aesthetic); number: the network " +
        "gives it itself (ImageReward); class: probability of the wanted class.",
    }),
  head: z.string().max(200).default("").meta({
    title: "Head",
    description: "Only for the reward head: a registered ONNX file from the normalised embedding to one number.",
    widget: "model",
  }),
  enough: z.number().min(-1000).max(1000).default(1).meta({
    title: "Enough",
    description: "α: a picture rewarded with that much or more is left as it is. A cosine or probability is at most 1.",
    step: 0.1,
  }),
  weight: z
    .number()
    .min(0)
    .default(1)
    .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
});

/** Human feedback as Hyper-SD learns it: L = mean relu(alpha - r(x0', c)) (Ren et al. 2024, eq. 11; methods.md 4.5). */
export const reward = defineNode({
  type: "loss/reward",
  version: 1,
  title: "Reward",
  family: "loss",
  help:
    "Draws the student's pictures towards what a frozen network rewards, through that network. Use another one than the " +
    "graph is judged by: whoever trains on a judge's verdict cannot be judged by it.",
  formula: "L = mean max(0, α − r(x̂₀, c))",
  source: "Ren et al. 2024 (Hyper-SD), feedback learning; Xu et al. 2023 (ImageReward, ReFL)",
  inputs,
  outputs: { loss: wire.loss, reward: wire.metric },
  params,
  terms(inputs, { reward: kind, enough, weight }, { name, define }) {
    const image = inputs.get("images")?.expr ?? "x̂₀";
    const codec = inputs.get("codec");
    const seen = codec ? call(of(codec, "D"), image) : image;
    const encoder = inputs.get("weights")?.expr ?? "E";
    const condition = kind === "class" ? (inputs.get("condition")?.expr ?? "c") : undefined;
    const e = call(encoder, "x");
    const rewarded = {
      cosine: () => row(word("cos"), "(", e, ", ", call(encoder, inputs.get("reference")?.expr ?? "y"), ")"),
      head: () => row("h(", e, " / |", e, "|)"),
      number: () => e,
      class: () => row(indexed("p", encoder), "(c | x)"),
    };
    const r = name("r");
    define(call(r, "x", condition && "c"), "=", rewarded[kind]());
    return {
      loss: { expr: weighted(weight, row(word("mean relu"), "(", enough, " − ", call(r, seen, condition), ")")) },
    };
  },
  emit(given, settings, context) {
    if (given.images.x.rank !== 4) {
      context.fail(
        `a reward looks at pictures [B, C, H, W], but gets ${formatShape(given.images.x.shape)}.`,
        "images",
        "shape-mismatch",
      );
    }
    const pictures = pixelsOf(given.images.x, given.codec, context, "images");
    const seen = extractorOf(given.weights, context)(pictures);
    const value = rewardOf(seen, given, settings, context);
    context.series("reward", reduceMean(value, { keepdims: false }));
    return {
      loss: { value: mul(reduceMean(relu(sub(settings.enough, value)), { keepdims: false }), settings.weight) },
      reward: { node: context.nodeId, series: "reward", title: "Reward" },
    };
  },
});

/** One number for each picture, [B]. */
function rewardOf(
  seen: FeaturesValue,
  { weights, images, reference, condition }: InputValues<typeof inputs, false>,
  settings: z.output<typeof params>,
  context: StageContext,
): Tensor {
  const sum = (x: Tensor) => reduceSum(x, { axes: [1], keepdims: false });
  switch (settings.reward) {
    case "head":
      return headOn(seen, settings.head, context);
    case "number":
      if (seen.embedding.size !== images.x.shape[0]) {
        context.fail(
          `"${weights.title}" gives ${formatShape(seen.embedding.shape)}, not one number for each picture; choose another reward.`,
          "weights",
          "shape-mismatch",
        );
      }
      return reshape(seen.embedding, [-1]);
    case "cosine": {
      if (reference === undefined)
        return context.fail("wire a picture of the wanted look to compare with.", "reference", "missing-input");
      const goal = normalised(extractorOf(weights, context)(reference.x).embedding);
      return sum(mul(normalised(seen.embedding), stopGradient(goal)));
    }
    case "class": {
      const scores = seen.logits?.class;
      if (condition === undefined)
        return context.fail("wire the condition that says what each picture is to be.", "condition", "missing-input");
      if (scores === undefined)
        return context.fail(`"${weights.title}" tells no classes; choose another reward.`, "weights", "no-labels");
      const wanted = labelOf(condition, "class", context, { expected: scores.shape[1] as number });
      return sum(mul(oneHot(wanted), softmax(scores)));
    }
  }
}
