import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, reduceMean, reshape, silu, sqrt, square, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { encoderParams, requireImages, type Sight, trainableEncoder } from "./encoder";
import { conv } from "./layers/conv";
import { groupNorm } from "./layers/groupNorm";
import { toPatches } from "./layers/patches";
import { residualBlock } from "./layers/residualBlock";
import { networkTerms } from "./terms";

const params = z.object({
  width: z.number().int().min(4).max(512).default(32).meta({
    title: "Width",
    description: "Channels of the first stage.",
    step: 4,
  }),
  multipliers: z.array(z.number().int().min(1).max(32)).min(1).max(6).default([1, 2, 4]).meta({
    title: "Channel multipliers",
    description: "Channels of each stage, as multiples of the width; each further stage halves the size.",
  }),
  blocks: z
    .number()
    .int()
    .min(1)
    .max(8)
    .default(1)
    .meta({ title: "Blocks", description: "Residual blocks per stage." }),
  groups: z.number().int().min(1).max(64).default(8).meta({
    title: "Groups",
    description: "Groups of each group normalisation.",
  }),
  patch: z
    .union([z.literal(1), z.literal(2), z.literal(4)])
    .default(2)
    .meta({
      title: "Patch",
      description: "Squares of this many pixels become channels first: 2 costs a quarter of 1.",
    }),
  pooling: z.enum(["mean", "statistics"]).default("mean").meta({
    title: "Pooling",
    description:
      "What becomes of the positions: mean of the last stage; statistics: mean and deviation of every stage, in which style lies.",
  }),
  ...encoderParams,
});
type Settings = z.output<typeof params>;

export const cnn = defineNode({
  type: "student/cnn",
  version: 1,
  title: "Convolutional encoder",
  family: "student",
  help:
    "A small residual convolution network to train: strided stages, then the mean over all positions. Gives its stages as layers, " +
    "an embedding and, if asked, a classification of its data set's labels.",
  formula: "h ← h + conv(SiLU(GN(conv(SiLU(GN h)))));  embedding = W mean(SiLU(GN h))",
  source:
    "He et al. 2016 (pre-activation residual networks); Wu & He 2018 (group normalisation); Huang & Belongie 2017 (statistics as style)",
  inputs: { dataset: wire.dataset.describe("Gives the channels of an image and the labels.") },
  outputs: { weights: wire.weights },
  params,
  terms: networkTerms,
  emit({ dataset }, settings, context) {
    const [, height, width] = requireImages(dataset, context);
    if (height % settings.patch !== 0 || width % settings.patch !== 0) {
      context.fail(`Images of ${height} x ${width} cannot be cut into squares of ${settings.patch}.`, "dataset");
    }
    return { weights: trainableEncoder(dataset, settings, context, (view, images) => look(view, images, settings)) };
  },
});

function look(view: ParameterView, images: Tensor, settings: Settings): Sight {
  const { width, multipliers, blocks, groups, patch, pooling } = settings;
  const layers: Tensor[] = [];
  const pooled: Tensor[] = [];
  let h = conv(view, "in", toPatches(images, patch), width);
  multipliers.forEach((multiplier, stage) => {
    const channels = width * multiplier;
    if (stage > 0) h = conv(view, `stages.${stage}.smaller`, h, channels, { stride: 2 });
    for (let i = 0; i < blocks; i++) h = residualBlock(view, `stages.${stage}.${i}`, h, null, channels, groups);
    layers.push(flat(h));
    const isLast = stage === multipliers.length - 1;
    if (pooling === "mean" && !isLast) return;
    const seen = flat(silu(groupNorm(view, isLast ? "norm" : `stages.${stage}.norm`, h, groups)));
    pooled.push(...(pooling === "mean" ? [meanOf(seen)] : statisticsOf(seen)));
  });
  return { layers, pooled: concat(pooled, { axis: 1 }) };
}

/** Over all positions: [B, C, P] -> [B, C] */
const meanOf = (x: Tensor): Tensor => reduceMean(x, { axes: [2], keepdims: false });

/** Mean and deviation over all positions; the deviation of a flat channel is 0.01, where its gradient is still finite. */
function statisticsOf(x: Tensor): [Tensor, Tensor] {
  const variance = meanOf(square(sub(x, reduceMean(x, { axes: [2] }))));
  return [meanOf(x), sqrt(add(variance, 1e-4))];
}

/** [B, C, H, W] -> [B, C, H W] */
function flat(x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return reshape(x, [batch, channels, height * width]);
}
