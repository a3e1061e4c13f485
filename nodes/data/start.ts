import { call, expr, indexed, of, row, word } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, equal, mul, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { codecInput } from "../model/pixels";
import { perSample, stateAt } from "../schedule/prediction";
import { conditionOf } from "./condition";
import { classIndices, drawSamples } from "./drawSamples";
import { fixedStart, gridStart, uniformStart } from "./startTime";

const START_TIMES = { fixed: fixedStart, uniform: uniformStart, grid: gridStart } as const;

const classNames = z.array(z.string().max(200)).max(1000);

/**
 * x = alpha_t x0 + sigma_t eps at a share eta of the noise (SDEdit, Meng et al. 2022): script index ceil(N eta), which is
 * solver node ceil(N eta) + 1; or at an index drawn from 1 .. ceil(N eta) - 1, as STD without a bank does, or from all of
 * the grid, 0 .. N - 1, as LCM, TCD, PCM, TDD and Hyper-SD do; or from nodes N, N - stride, ... of a student's own grid
 * (SDXL-Lightning). Offset noise adds one draw per channel to the noise of every
 * position (Guttenberg 2023; Hyper-SD).
 */
export const start = defineNode({
  type: "data/start",
  version: 1,
  title: "Start",
  family: "data",
  help:
    "Takes samples from a data set and noises them part of the way: where every path begins. For style transfer, choose the " +
    "classes the samples come from and the classes they are to become.",
  formula: "x = α_t x₀ + σ_t ε at node ⌈N η⌉ + 1",
  source: "Meng et al. 2022, SDEdit; STD (fixed start index)",
  inputs: {
    dataset: wire.dataset,
    schedule: wire.schedule,
    codec: codecInput.describe("Makes latents of the samples; without one, states are pictures themselves."),
  },
  outputs: {
    x: wire.state.describe("The noised samples."),
    x0: wire.image.describe("The clean samples they were made from."),
    latent: wire.image.describe("The clean samples as states are: with a codec their latents, else x0 itself."),
    condition: wire.condition.describe("What every sample is to become: its class, and its kind of content."),
    answer: wire.image
      .optional()
      .describe("The same samples drawn in the class they are to become: the right answer, where the data set has it."),
    flow: wire.image
      .optional()
      .describe(
        "Of clips with known motion, neither mirrored nor shifted: their exact optical flow, and what stays in view.",
      ),
  },
  params: z.object({
    eta: z.number().gt(0).max(1).default(0.75).meta({
      title: "Noise share",
      description: "Share of the schedule's grid: 0 would be clean, 1 pure noise. At most (N - 1) / N.",
      step: 0.05,
    }),
    time: z
      .enum(["fixed", "uniform", "grid"])
      .default("fixed")
      .meta({
        title: "Start time",
        description:
          "fixed: always the noise share; uniform: any index below it, for training without a trajectory bank; grid: any node of the " +
          "schedule whatever the share, as LCM, TCD, PCM and TDD train.",
      }),
    stride: z.number().int().min(1).max(10_000).default(1).meta({
      title: "Stride",
      description:
        "Only grid: takes every so many nodes, from the last one down: as many as a student of SDXL-Lightning covers in one step.",
      unit: "nodes",
      advanced: true,
    }),
    split: z.enum(["train", "heldOut", "all"]).default("train").meta({
      title: "Split",
      description: "Training graphs use train; give the start of an evaluation heldOut.",
    }),
    sourceClasses: classNames.default([]).meta({
      title: "From classes",
      description: "Classes (styles) the samples are taken from; none chosen means all.",
      widget: "classes",
    }),
    targetClasses: classNames.default([]).meta({
      title: "To classes",
      description: "Classes (styles) to denoise as, one drawn per sample; none chosen means the sample's own.",
      widget: "classes",
    }),
    otherClass: z.boolean().default(false).meta({
      title: "Never its own class",
      description: "Draw the class to become among the others only, so that every sample really changes its style.",
    }),
    everyClass: z.boolean().default(false).meta({
      title: "Each in every class",
      description:
        "Every sample is followed by the same in the other classes, so that only the class differs within a batch: for encoders of styles.",
    }),
    tellContent: z.boolean().default(true).meta({
      title: "Tell the content",
      description: "Off: the network is not told what kind of thing is shown, as with a picture of one's own.",
      advanced: true,
    }),
    flip: z.number().min(0).max(1).default(0).meta({
      title: "Mirror",
      description: "Share of the samples that are mirrored left to right.",
      step: 0.1,
      advanced: true,
    }),
    shift: z.number().int().min(0).max(32).default(0).meta({
      title: "Shift up to",
      description: "Samples are moved by up to this many pixels each way; the border repeats.",
      unit: "px",
      advanced: true,
    }),
    dropCondition: z.number().min(0).max(1).default(0).meta({
      title: "Drop the condition",
      description:
        "Share of the samples whose class and content are hidden, so that guidance works later: usually 0.1.",
      step: 0.05,
      advanced: true,
    }),
    dropContent: z.number().min(0).max(1).default(0).meta({
      title: "Drop the content",
      description: "Share of the samples whose kind of content alone is hidden.",
      step: 0.05,
      advanced: true,
    }),
    offsetNoise: z.number().min(0).max(1).default(0).meta({
      title: "Offset noise",
      description:
        "How much of one more draw per channel is added to the noise of every position; Hyper-SD has a little, 0.05 say.",
      step: 0.05,
      advanced: true,
    }),
    hardSwap: z.boolean().default(false).meta({
      title: "Pure noise at the last node",
      description: "Where the start is the grid's last node, feed noise alone (SDXL-Lightning, MCM, STD).",
      advanced: true,
    }),
  }),
  terms(inputs, { time, eta, stride, hardSwap }, context) {
    const schedule = inputs.get("schedule");
    const codec = inputs.get("codec");
    const letter = context.name("x");
    const clean = indexed(letter, "0");
    const t = context.time(time === "fixed" ? "τ" : "t");
    const x = indexed(letter, t);
    const { define } = context;
    define(clean, "∼", inputs.get("dataset")?.expr ?? word("data"));
    const index = `⌈${eta} N⌉`;
    if (time === "fixed") define(t, "=", word(`node ${index} + 1`));
    else if (time === "uniform") define(t, "∼", word(`U{nodes 2 … ${index}}`));
    else define(t, "∼", word(stride === 1 ? "U{nodes 1 … N}" : `U{nodes N, N − ${stride}, … > 0}`));
    const signal = codec ? call(of(codec, "E"), clean) : clean;
    const noised = row(of(schedule, indexed("α", t)), " ", signal, " + ", of(schedule, indexed("σ", t)), " ε");
    define(x, "=", hardSwap && time === "grid" ? row(noised, word(", at node N "), "ε", word(" alone")) : noised);
    const answer = indexed(letter, "0", "∗");
    if (context.isUsed("answer")) define(answer, "=", row(clean, word(" as it should become")));
    return {
      x: { expr: x, time: t },
      x0: { expr: clean },
      latent: { expr: signal },
      answer: { expr: answer },
      condition: { expr: expr("c") },
    };
  },
  emit({ dataset, schedule, codec }, params, context) {
    const { batch } = context;
    const chosen = [...classIndices(dataset, params.sourceClasses), ...classIndices(dataset, params.targetClasses)];
    const unknown = chosen.find((each) => typeof each === "string");
    if (unknown !== undefined) {
      const known = dataset.classes.length === 0 ? "it has no classes" : `it has ${dataset.classes.join(", ")}`;
      context.fail(`"${dataset.title}" has no class "${unknown}"; ${known}.`, "dataset", "unknown-class");
    }
    if (params.everyClass && !dataset.paired) {
      context.fail(
        `"${dataset.title}" does not have every sample in every class; take "Each in every class" off.`,
        "dataset",
      );
    }
    const t = START_TIMES[params.time](schedule, params, context);
    const x0 = context.input("x0", "float32", [batch, ...dataset.sampleShape]);
    const latent = codec === undefined ? x0 : codec.encode(x0);
    const eps = drawNoise(latent, params.offsetNoise, context);
    const noised = stateAt(t, { predX0: latent, eps });
    const isLast = () => perSample(equal(t.node, schedule.nodes), latent);
    const x = params.hardSwap && t.label.max === schedule.nodes ? where(isLast(), eps, noised) : noised;
    const answer = dataset.paired ? context.input("answer", "float32", x0.shape) : undefined;
    const isMoved = params.flip > 0 || params.shift > 0;
    const flow = dataset.hasFlow === true && !isMoved ? flowInput(dataset.sampleShape, context) : undefined;
    return {
      x: { x, t },
      x0: { x: x0 },
      latent: { x: latent },
      condition: conditionOf(dataset, context),
      answer: answer && { x: answer },
      flow: flow && { x: flow },
    };
  },
  async host(params, options) {
    return drawSamples(params, options);
  },
});

/** Standard normal noise; with an offset, one more draw per sample and channel on all positions. */
function drawNoise({ shape }: Tensor, offset: number, context: StageContext): Tensor {
  const eps = context.random("eps", { kind: "normal" }, shape);
  if (offset === 0) return eps;
  // The frames of a clip share it.
  const channels = Math.max(shape.length - 3, 1);
  const perChannel = shape.map((size, axis) => (axis === 0 || axis === channels ? size : 1));
  return add(eps, mul(context.random("offset", { kind: "normal" }, perChannel), offset));
}

function flowInput([frames = 0, , ...plane]: readonly number[], context: StageContext): Tensor {
  return context.input("flow", "float32", [context.batch, frames - 1, 3, ...plane]);
}
