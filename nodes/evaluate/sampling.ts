/** What samplers have in common: which solver, along which nodes, and one step of it. */
import type { InputValues, StageContext } from "@distillery/shared/graph/node";
import { wire } from "@distillery/shared/graph/node";
import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { GraphError, type Tensor } from "@distillery/shared/onnx/graph";
import { equal, sub, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { perSample } from "../schedule/prediction";
import { ddimSolver } from "../solver/ddim";
import { dpmpp2mSolver } from "../solver/dpmpp2m";
import { eulerSolver } from "../solver/euler";
import { type Guidance, type GuidanceForm, guided } from "../solver/guidance";
import { heunSolver } from "../solver/heun";
import { blendOnPath, knownRegion } from "../solver/knownRegion";
import { lcmSolver } from "../solver/lcm";
import { noiseFrom } from "../solver/node";
import type { Carry, Solver } from "../solver/solver";
import { tcdSolver } from "../solver/tcd";
import { describeTime } from "../time/labels";
import { evenNodes, stdNodes } from "./samplerNodes";

const SOLVERS = ["ddim", "euler", "heun", "dpmpp-2m", "tcd", "lcm"] as const;

export const samplingInputs = {
  weights: wire.weights,
  x: wire.state.describe("Where the paths begin; always the same node."),
  condition: wire.condition.optional(),
  known: wire.image.optional().describe("For inpainting: the clean picture the start was made from."),
  mask: wire.image.optional().describe("For inpainting: 1 where new content is generated; the rest is kept."),
};

/** Inputs that are read once, where the paths begin; the network alone takes part in every step. */
export const SAMPLING_START = ["x", "condition", "known", "mask"] as const;

export const solverParam = {
  solver: z.enum(SOLVERS).default("ddim").meta({
    title: "Solver",
    description:
      "How each step is made. For consistency students ddim is their own jump; tcd and lcm add fresh noise after it.",
  }),
};

export const samplingParams = {
  gamma: z.number().min(0).max(1).default(0.3).meta({
    title: "Gamma",
    description: "Only for tcd: how far below the next time each jump lands, to be noised back up. 0 is ddim.",
    step: 0.1,
    advanced: true,
  }),
  spacing: z.enum(["even", "std"]).default("even").meta({
    title: "Spacing",
    description:
      "even: over the solver nodes from the start to 0; std: STD's published timesteps (TCD's and LCM's at a share of 1), the first one at the start itself.",
    advanced: true,
  }),
  eta: z.number().gt(0).max(1).default(0.75).meta({
    title: "Noise share",
    description: "Only for std spacing: the share of the schedule that is sampled.",
    step: 0.05,
    advanced: true,
  }),
  lastStepToClean: z.boolean().default(false).meta({
    title: "Last step to clean",
    description: "End at the predicted clean sample instead of the state at timestep 0, which holds a trace of noise.",
    advanced: true,
  }),
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

export function solverOf({ solver, gamma }: Pick<Sampling, "solver" | "gamma">): Solver {
  switch (solver) {
    case "ddim":
      return ddimSolver;
    case "euler":
      return eulerSolver;
    case "heun":
      return heunSolver;
    case "dpmpp-2m":
      return dpmpp2mSolver;
    case "tcd":
      return tcdSolver(gamma);
    case "lcm":
      return lcmSolver;
  }
}

/** Solver nodes from the start down to 0 for `nfe` evaluations. Throws a GraphError when they do not make a path. */
export function plannedNodes(given: Sampling, nfe: number, { schedule, label }: TimeValue): number[] {
  if (label.min !== label.max) {
    throw new GraphError(
      `all paths of a sampler start at one node, but the state comes from ${describeTime(label)}. Wire in a Start whose time is fixed.`,
    );
  }
  const start = label.max;
  const steps = Math.max(1, Math.floor(nfe / solverOf(given).evaluationsPerStep));
  if (start === 0) throw new GraphError("the state is already at node 0, so there is nothing to sample.");
  if (given.spacing === "even") return evenNodes(start, steps);
  const { timesteps, nodes } = schedule;
  const path = stdNodes({ start, timesteps, nodes, eta: given.eta, steps });
  if (path === null) {
    throw new GraphError(
      `std spacing with ${steps} steps at a noise share of ${given.eta} does not fit below the start, node ${start} of ${nodes}. ` +
        "Take fewer steps or the noise share of the start.",
    );
  }
  return path;
}

/** One step of the guided network to time `s`. */
export function stepTo(
  { weights, x, condition, known, mask }: InputValues<typeof samplingInputs, false>,
  given: Sampling & { readonly guidance: GuidanceForm },
  context: StageContext,
  { s, carry, guidanceScale }: { s: TimeValue; carry: Carry; guidanceScale?: Tensor | undefined },
): { x: StateValue; carry: Carry } {
  const predict = guided(weights, condition, guidanceOf(given.guidance, guidanceScale), context);
  const stepped = solverOf(given).step(predict, x, s, carry, noiseFrom(context));
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
