import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView, StateValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { concat, silu, upsampleNearest } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { foldState, repeatPerFrame, unfoldFrames } from "../model/frames";
import { selfAttention } from "./layers/attention";
import { conv } from "./layers/conv";
import { groupNorm } from "./layers/groupNorm";
import { fromPatches, toPatches } from "./layers/patches";
import { residualBlock } from "./layers/residualBlock";
import { motionModule } from "./layers/temporal";
import { timeAndLabelEmbedding } from "./layers/timeEmbedding";
import { type Known, networkParams, startInput, trainableWeights } from "./network";
import { networkTerms } from "./terms";

const params = z.object({
  width: z
    .number()
    .int()
    .min(4)
    .max(512)
    .multipleOf(4, "must be a multiple of 4")
    .default(32)
    .meta({ title: "Width", description: "Channels at the highest resolution.", step: 4 }),
  multipliers: z.array(z.number().int().min(1).max(16)).min(1).max(6).default([1, 2, 2]).meta({
    title: "Channel multipliers",
    description: "Channels of each resolution, as multiples of the width; each further one halves the size.",
  }),
  blocks: z
    .number()
    .int()
    .min(1)
    .max(4)
    .default(1)
    .meta({ title: "Blocks", description: "Residual blocks per resolution, on each side." }),
  attention: z
    .boolean()
    .default(true)
    .meta({ title: "Attention", description: "Self-attention at the lowest resolution." }),
  heads: z.number().int().min(1).max(16).default(2).meta({ title: "Heads", description: "Attention heads." }),
  groups: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(8)
    .meta({ title: "Groups", description: "Groups of each group normalisation.", advanced: true }),
  patch: z
    .union([z.literal(1), z.literal(2), z.literal(4)])
    .default(2)
    .meta({
      title: "Patch",
      description: "Squares of this many pixels become channels first: 2 costs a quarter of 1.",
    }),
  motion: z.boolean().default(false).meta({
    title: "Motion modules",
    description:
      "Only for clips: convolution and attention along the frames after each block. Off: every frame by itself.",
  }),
  ...networkParams,
});
type Settings = z.output<typeof params>;

export const unet = defineNode({
  type: "student/unet",
  version: 1,
  title: "Student U-Net",
  family: "student",
  help:
    "Residual convolution network over several resolutions with skip connections, told the time and the class. " +
    "The schedule's prediction type says what its output means.",
  source: "Ronneberger et al. 2015; Ho et al. 2020, appendix B",
  inputs: { dataset: wire.dataset.describe("Gives the size of an image and the classes."), ...startInput },
  outputs: { weights: wire.weights },
  params,
  terms: networkTerms,
  emit({ dataset, weights }, settings, context) {
    const [channels, height = 0, width = 0] = dataset.sampleShape.slice(-3);
    const frames = dataset.sampleShape.length === 4 ? dataset.sampleShape[0] : undefined;
    const factor = settings.patch * 2 ** (settings.multipliers.length - 1);
    if (channels === undefined || height === 0 || width === 0 || dataset.sampleShape.length > 4) {
      context.fail(
        `A U-Net needs images [channels, height, width] or clips of them, "${dataset.title}" has samples ${formatShape(dataset.sampleShape)}; use the MLP.`,
        "dataset",
      );
    }
    if (height % factor !== 0 || width % factor !== 0) {
      context.fail(
        `Images of ${height} x ${width} cannot be divided by ${factor} (patch and resolutions); use fewer multipliers.`,
        "dataset",
      );
    }
    if (settings.motion && frames === undefined) {
      context.fail(
        `Motion modules need clips, but "${dataset.title}" has pictures; turn them off.`,
        "dataset",
        "not-a-clip",
      );
    }
    if (settings.motion && settings.width % settings.heads !== 0) {
      context.fail(`${settings.heads} heads do not divide the ${settings.width} channels of the motion modules.`);
    }
    if (settings.attention && (settings.width * (settings.multipliers.at(-1) ?? 1)) % settings.heads !== 0) {
      context.fail(`${settings.heads} heads do not divide the channels of the lowest resolution.`);
    }
    return {
      weights: trainableWeights({ dataset, from: weights, ...settings }, context, (view, state, known) => {
        if (frames === undefined) return network(view, state, known, settings);
        const each = repeatKnown(known, frames);
        return unfoldFrames(network(view, foldState(state), each, settings, frames), frames);
      }),
    };
  },
});

/** On pictures [N, C, H, W]; with `frames`, those are the frames of clips, one clip after the other. */
function network(view: ParameterView, { x, t }: StateValue, known: Known, settings: Settings, frames?: number): Tensor {
  const { width, multipliers, blocks, groups, patch } = settings;
  const embedding = timeAndLabelEmbedding(view, "embedding", t.schedule.timestep(t), known, {
    features: width,
    dimensions: 4 * width,
  });
  const move = (path: string, h: Tensor) =>
    settings.motion && frames !== undefined ? motionModule(view, `${path}.motion`, h, { ...settings, frames }) : h;
  const block = (path: string, h: Tensor, channels: number) =>
    move(path, residualBlock(view, path, h, embedding, channels, groups));
  const attend = (path: string, h: Tensor) => (settings.attention ? selfAttention(view, path, h, settings) : h);
  const lowest = multipliers.length - 1;

  const patches = toPatches(x, patch);
  let h = conv(view, "in", patches, width);
  const skips: Tensor[] = [];
  multipliers.forEach((multiplier, level) => {
    for (let i = 0; i < blocks; i++) {
      h = block(`down.${level}.${i}`, h, width * multiplier);
      skips.push(h);
    }
    if (level < lowest) h = conv(view, `down.${level}.smaller`, h, width * multiplier, { stride: 2 });
  });
  h = block("middle.0", h, h.shape[1] as number);
  h = attend("middle.attention", h);
  h = block("middle.1", h, h.shape[1] as number);
  for (let level = lowest; level >= 0; level--) {
    for (let i = 0; i < blocks; i++) {
      const skip = skips.pop() as Tensor;
      h = block(`up.${level}.${i}`, concat([h, skip], { axis: 1 }), width * (multipliers[level] as number));
    }
    if (level > 0) h = upsampleNearest(h, 2);
  }
  const output = conv(view, "out", silu(groupNorm(view, "norm", h, groups)), patches.shape[1] as number, { gain: 0.1 });
  return fromPatches(output, patch);
}

/** What is known of a clip, for each of its frames. */
function repeatKnown({ labels, guidanceScale }: Known, frames: number): Known {
  return {
    labels: labels.map((label) => ({ ...label, index: repeatPerFrame(label.index, frames) })),
    guidanceScale: guidanceScale && repeatPerFrame(guidanceScale, frames),
  };
}
