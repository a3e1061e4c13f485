import { defineNode, wire } from "@distillery/shared/graph/node";
import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import { GraphError, type Tensor } from "@distillery/shared/onnx/graph";
import { equal, where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { perSample } from "../schedule/prediction";
import { ddimSolver } from "../solver/ddim";
import { dpmpp2mSolver } from "../solver/dpmpp2m";
import { eulerSolver } from "../solver/euler";
import { guidanceParams, guided } from "../solver/guidance";
import { heunSolver } from "../solver/heun";
import type { Solver } from "../solver/solver";
import { describeTime } from "../time/labels";
import { evenNodes, stdNodes } from "./samplerNodes";

const solvers: Readonly<Record<"ddim" | "euler" | "heun" | "dpmpp-2m", Solver>> = {
  ddim: ddimSolver,
  euler: eulerSolver,
  heun: heunSolver,
  "dpmpp-2m": dpmpp2mSolver,
};

const params = z.object({
  solver: z.enum(["ddim", "euler", "heun", "dpmpp-2m"]).default("ddim").meta({
    title: "Solver",
    description: "How each step is made. For consistency students ddim is their own jump.",
  }),
  nfe: z.number().int().min(1).max(10_000).default(8).meta({
    title: "NFE",
    description:
      "Network evaluations, counting guidance once; Heun takes two per step. As many as there are nodes or more: every node.",
  }),
  spacing: z.enum(["even", "std"]).default("even").meta({
    title: "Spacing",
    description:
      "even: over the solver nodes from the start to 0; std: STD's published timesteps, the first one at the start itself.",
  }),
  eta: z.number().gt(0).max(1).default(0.75).meta({
    title: "Noise share",
    description: "Only for std spacing: the share of the schedule that is sampled.",
    step: 0.05,
  }),
  lastStepToClean: z.boolean().default(false).meta({
    title: "Last step to clean",
    description: "End at the predicted clean sample instead of the state at timestep 0, which holds a trace of noise.",
  }),
  ...guidanceParams,
  every: z.number().int().min(0).max(1_000_000).default(100).meta({
    title: "Every",
    description: "Sample after every that many training steps, before the first and at the end; 0: only those two.",
    unit: "steps",
  }),
  batch: z.number().int().min(1).max(4096).default(8).meta({ title: "Batch", description: "Paths sampled at once." }),
});

/** Walks a state along the probability-flow ODE from its own time to node 0 and keeps every state on the way. */
export const sampler = defineNode({
  type: "evaluate/sampler",
  version: 1,
  title: "Sampler",
  family: "evaluate",
  help:
    "Samples whole paths from the wired start with any weights, again and again while training goes on. A teacher with many " +
    "evaluations beside students with few shows how far they are apart; start both from one Start on held-out data.",
  formula: "x_{n_k} = Ψ(x_{n_{k−1}} → n_k),  n_k = round(n₀ (1 − k/steps))",
  source: "Song et al. 2021 (DDIM); Karras et al. 2022 (Euler, Heun); Lu et al. 2022 (DPM-Solver++); STD (spacing)",
  inputs: {
    weights: wire.weights,
    x: wire.state.describe("Where the paths begin; always the same node."),
    condition: wire.condition.optional(),
  },
  outputs: { trajectory: wire.trajectory },
  params,
  sampler: {
    start: ["x", "condition"],
    batch: ({ batch }) => batch,
    plan(given, start) {
      const solver = solvers[given.solver];
      return {
        nodes: plannedNodes(given, start.t, solver),
        carry: solver.carry(start.x.shape.slice(1)),
        every: given.every,
        evaluationsPerStep: solver.evaluationsPerStep,
      };
    },
    step({ weights, x, condition }, given, context, { s, carry }) {
      const stepped = solvers[given.solver].step(guided(weights, condition, given, context), x, s, carry);
      if (!given.lastStepToClean) return { x: stepped.x, carry: stepped.carry };
      return { x: cleanAtTheEnd(stepped.x, stepped.prediction.predX0), carry: stepped.carry };
    },
  },
});

/** Solver nodes from the start down to 0. Throws a GraphError when they do not make a path. */
function plannedNodes(given: z.output<typeof params>, { schedule, label }: TimeValue, solver: Solver): number[] {
  if (label.min !== label.max) {
    throw new GraphError(
      `all paths of a sampler start at one node, but the state comes from ${describeTime(label)}. Wire in a Start whose time is fixed.`,
    );
  }
  const start = label.max;
  const steps = Math.max(1, Math.floor(given.nfe / solver.evaluationsPerStep));
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

/** Node 0 is the end of every path: there the state is replaced by the clean prediction (final sigma 0). */
function cleanAtTheEnd({ x, t }: StateValue, predX0: Tensor): StateValue {
  return { x: where(perSample(equal(t.node, 0), x), predX0, x), t };
}
