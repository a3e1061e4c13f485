/** What samplers have in common: which solver, along which times, and one step of it. */
import type { InputValues, SamplerDriver, SamplerLoop, SamplerPath, StageContext } from "@distillery/shared/graph/node";
import { wire } from "@distillery/shared/graph/node";
import type { ScheduleValue, StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { equal, sub, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { codecInput, pixelsOf } from "../model/pixels";
import { perSample } from "../schedule/prediction";
import { type Guidance, type GuidanceForm, guided } from "../solver/guidance";
import { blendOnPath, knownRegion } from "../solver/knownRegion";
import { LAST_STEPS } from "../solver/lastStep";
import { noiseFrom } from "../solver/node";
import type { Carry, Solver } from "../solver/solver";
import { requireSpace } from "../time/labels";
import { clipped } from "./clipping";
import { planPaths } from "./path";
import { SOLVER_NAMES, SOLVERS, type SolverOptions, solversWith } from "./solvers";
import { SPACINGS } from "./spacing";

export const samplingInputs = {
  weights: wire.weights,
  x: wire.state.describe("Where the paths begin; always the same node."),
  condition: wire.condition.optional(),
  known: wire.image.optional().describe("For inpainting: the clean picture the start was made from."),
  mask: wire.image.optional().describe("For inpainting: 1 where new content is generated; the rest is kept."),
  codec: codecInput.describe("Where states are latents: shows and scores them as pictures."),
};

/** Inputs that are read once, where the paths begin; the network alone takes part in every step. */
export const SAMPLING_START = ["x", "condition", "known", "mask"] as const;

export const samplingPictures: SamplerDriver<typeof samplingInputs, z.ZodObject>["pictures"] = {
  sockets: ["codec"],
  of: ({ codec }, context, x) => pixelsOf(x, codec, context, "codec"),
};

export const solverParam = {
  solver: z
    .enum(SOLVER_NAMES)
    .default("ddim")
    .meta({
      title: "Solver",
      description:
        "How each step is made. For consistency students ddim is their own jump; tcd, lcm and pcm add fresh noise to it. " +
        "For teachers dpmpp-2m and unipc need the fewest evaluations.",
    }),
};

/** An option of some solvers only: folded away, and shown where it means something. */
const of = (option: keyof SolverOptions) => ({ advanced: true, when: { solver: solversWith(option) } });

const solverOptions = {
  gamma: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .meta({
      title: "Gamma",
      description: "How far below the next time each jump lands, to be noised back up. 0 is ddim.",
      step: 0.1,
      ...of("gamma"),
    }),
  order: z
    .number()
    .int()
    .min(1)
    .max(2)
    .default(1)
    .meta({
      title: "Order",
      description: "2: every second step uses the prediction before it, too (TDD).",
      ...of("order"),
    }),
  ddimEta: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({
      title: "DDIM eta",
      description: "Share of fresh noise: 0 follows the ODE, 1 is ancestral sampling as in DDPM.",
      step: 0.1,
      ...of("ddimEta"),
    }),
  keptNoise: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .meta({
      title: "Kept noise",
      description: "r: how much of the noise of the next state is the predicted one; the rest is fresh. 1 is ddim.",
      step: 0.1,
      ...of("keptNoise"),
    }),
  churn: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .meta({
      title: "Churn",
      description: "s_churn: noise added before the steps, over the whole path. 0 follows the ODE.",
      step: 1,
      ...of("churn"),
    }),
  churnFrom: z
    .number()
    .min(0)
    .max(1e6)
    .default(0)
    .meta({
      title: "Churn from",
      description: "s_tmin: no noise is added where the noise-to-signal ratio is lower.",
      ...of("churnFrom"),
    }),
  churnTo: z
    .number()
    .min(0)
    .max(1e6)
    .default(1e6)
    .meta({
      title: "Churn up to",
      description: "s_tmax: no noise is added where the noise-to-signal ratio is higher.",
      ...of("churnTo"),
    }),
  churnNoise: z
    .number()
    .positive()
    .max(2)
    .default(1)
    .meta({
      title: "Churn noise",
      description: "s_noise: standard deviation of the added noise; a little above 1 keeps detail.",
      step: 0.001,
      ...of("churnNoise"),
    }),
  corrector: z
    .boolean()
    .default(true)
    .meta({
      title: "Corrector",
      description: "Improve each step's result by the next evaluation, at no cost. Off: the predictor alone.",
      ...of("corrector"),
    }),
  lastStep: z
    .enum(LAST_STEPS)
    .default("few steps")
    .meta({
      title: "Last step of order 1",
      description:
        "Steadier ends: on paths of fewer than 15 steps (unipc: on all), always, or never. A last step to clean is always of order 1.",
      ...of("lastStep"),
    }),
};

const clippingParams = {
  clipping: z.enum(["none", "range", "dynamic"]).default("none").meta({
    title: "Clip the prediction",
    description:
      "range: cut the predicted clean sample; dynamic: cut at a quantile of its own values and scale it back (Imagen).",
    advanced: true,
  }),
  clipRange: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .meta({
      title: "Clip at",
      description: "Largest absolute value; with dynamic clipping the largest range.",
      advanced: true,
      when: { clipping: ["range", "dynamic"] },
    }),
  clipQuantile: z
    .number()
    .gt(0)
    .max(1)
    .default(0.995)
    .meta({
      title: "Clip quantile",
      description: "Share of the values that stays inside.",
      step: 0.005,
      advanced: true,
      when: { clipping: ["dynamic"] },
    }),
  clipSteps: z
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .meta({
      title: "Clip in the first",
      description: "Only in that many first steps; 0: in all.",
      unit: "steps",
      advanced: true,
      when: { clipping: ["range", "dynamic"] },
    }),
};

export const samplingParams = {
  spacing: z
    .enum(["even", "std", ...SPACINGS, "list"])
    .default("even")
    .meta({
      title: "Spacing",
      description:
        "even: over the solver nodes from the start to 0; std: STD's published timesteps (TCD's and LCM's at a share of 1), the first one at the start itself; " +
        "linspace, leading, trailing: the published schedulers' timesteps below the start; list: as listed.",
      advanced: true,
    }),
  eta: z
    .number()
    .gt(0)
    .max(1)
    .default(0.75)
    .meta({
      title: "Noise share",
      description: "The share of the schedule that is sampled.",
      step: 0.05,
      advanced: true,
      when: { spacing: ["std"] },
    }),
  offset: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .meta({
      title: "Offset",
      description: "Added to every timestep of leading spacing; 1 in Stable Diffusion's own settings.",
      advanced: true,
      when: { spacing: ["leading"] },
    }),
  timesteps: z
    .array(z.number().int().min(0).max(100_000))
    .min(1)
    .max(1000)
    .default([999, 875, 751, 499, 251])
    .meta({
      title: "Timesteps",
      description: "Where the network is evaluated, falling, one for each step. Given are TDD's for 5 steps.",
      advanced: true,
      when: { spacing: ["list"] },
    }),
  sigmas: z
    .enum(["table", "karras", "exponential"])
    .default("table")
    .meta({
      title: "Noise levels",
      description:
        "table: the schedule's at these timesteps; karras, exponential: curves from the highest to the lowest, at times between timesteps.",
      advanced: true,
      when: { spacing: [...SPACINGS] },
    }),
  lastStepToClean: z.boolean().default(false).meta({
    title: "Last step to clean",
    description: "End at the predicted clean sample instead of the state at timestep 0, which holds a trace of noise.",
    advanced: true,
  }),
  ...solverOptions,
  ...clippingParams,
};

export const whenParams = {
  every: z.number().int().min(0).max(1_000_000).default(100).meta({
    title: "Every",
    description: "Sample after every that many training steps, before the first and at the end; 0: only those two.",
    unit: "steps",
  }),
  batch: z.number().int().min(1).max(4096).default(8).meta({ title: "Batch", description: "Paths sampled at once." }),
};

type Sampling = z.output<z.ZodObject<typeof solverParam & typeof samplingParams>>;

/** Names of the parameters that say how each step is made, and with those that say when: a sampler that goes the same way has them. */
export const STEP_PARAMS: readonly string[] = Object.keys({ ...solverParam, ...solverOptions, ...clippingParams });
export const PATH_PARAMS: readonly string[] = Object.keys({ ...solverParam, ...samplingParams });

const solverOf = (given: Sampling): Solver => SOLVERS[given.solver].make(given);

/** What a sampler's plan needs for paths with so many evaluations: the times they visit, and what is carried along them. */
export function planSampling(
  given: Sampling,
  nfe: readonly number[],
  start: StateValue,
  context: StageContext,
): {
  schedule: ScheduleValue;
  paths: readonly SamplerPath[];
  carry: Readonly<Record<string, readonly number[]>>;
} {
  const { evaluationsPerStep, carry, spaces } = solverOf(given);
  if (spaces !== undefined)
    requireSpace(context, start.t, spaces, `the solver ${given.solver} with these settings`, "x");
  const { counting } = SOLVERS[given.solver];
  return {
    ...planPaths({ ...given, counting, evaluationsPerStep }, nfe, start.t, context),
    carry: carry(start.x.shape.slice(1)),
  };
}

/** One step of the guided network to time `s`. */
export function stepTo(
  { weights, x, condition, known, mask }: InputValues<typeof samplingInputs, false>,
  given: Sampling & { readonly guidance: GuidanceForm },
  context: StageContext,
  { s, carry, index, steps, guidanceScale }: SamplerLoop,
): { x: StateValue; carry: Carry } {
  const predict = clipped(guided(weights, condition, guidanceOf(given.guidance, guidanceScale), context), given, index);
  const stepped = solverOf(given).step(predict, x, s, carry, { noise: noiseFrom(context), index, steps });
  const moved = given.lastStepToClean ? cleanAtTheEnd(stepped.x, stepped.prediction.predX0) : stepped.x;
  const region = knownRegion(known, mask, x.x, context);
  return { x: region === undefined ? moved : blendOnPath(moved, x, region), carry: stepped.carry };
}

/** The loop's scale is that of the Imagen form, whatever form was chosen; without one there is no guidance. */
function guidanceOf(form: GuidanceForm, scale: Tensor | undefined): Guidance {
  if (scale === undefined) return { guidance: "none", guidanceScale: 1 };
  return { guidance: form, guidanceScale: form === "imagen" ? scale : sub(scale, 1) };
}

/** Node 0 is the end of every path: there the state is replaced by the clean prediction (final sigma 0). */
function cleanAtTheEnd({ x, t }: StateValue, predX0: Tensor): StateValue {
  return { x: where(perSample(equal(t.node, 0), x), predX0, x), t };
}
