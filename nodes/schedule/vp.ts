import { word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { PredictionType, ScheduleValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { gather } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { alphasCumprodOf, BETA_CURVES, betasOf, rescaleZeroTerminalSnr, timestepOfNode } from "./tables";

/**
 * x_t = sqrt(abar_t) x0 + sqrt(1 - abar_t) eps (Ho et al. 2020, eq. 4) on a table of T timesteps, and the grid of N solver
 * nodes every distillation script works on: node 0 is timestep 0, node n is timestep n*k - 1 with k = T / N.
 */
export const variancePreserving = defineNode({
  type: "schedule/vp",
  version: 1,
  title: "Noise schedule",
  family: "schedule",
  help:
    "How much noise a state holds at each time, and the grid of solver nodes that teacher, bank and student move on. " +
    "Scaled-linear from 0.00085 to 0.012 is Stable Diffusion's schedule.",
  formula: "x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε,  ᾱ_t = ∏(1 − β_i)",
  source:
    "Ho et al. 2020 (linear); Rombach et al. 2022 (scaled-linear); Nichol & Dhariwal 2021 (cosine); Lin et al. 2024 (zero SNR)",
  inputs: {},
  outputs: { schedule: wire.schedule },
  params: z.object({
    curve: z.enum(BETA_CURVES).default("scaled_linear").meta({
      title: "Curve",
      description: "How beta grows with time. The cosine curve takes no end points.",
    }),
    betaStart: z.number().positive().lt(1).default(0.00085).meta({
      title: "First beta",
      description: "beta at timestep 0.",
      step: 0.0001,
    }),
    betaEnd: z.number().positive().lt(1).default(0.012).meta({
      title: "Last beta",
      description: "beta at timestep T - 1.",
      step: 0.001,
    }),
    timesteps: z.number().int().min(2).max(100_000).default(1000).meta({
      title: "Timesteps",
      description: "T, the length of the table: what networks take as time is 0..T-1.",
    }),
    nodes: z.number().int().min(1).max(10_000).default(50).meta({
      title: "Solver nodes",
      description: "N: the teacher's path is cut into this many steps. Must divide T.",
    }),
    predictionType: z.enum(["epsilon", "sample", "v_prediction"]).default("epsilon").meta({
      title: "Prediction type",
      description: "What networks on this schedule put out: the noise, the clean sample, or the velocity.",
    }),
    zeroTerminalSnr: z.boolean().default(false).meta({
      title: "Zero terminal SNR",
      description:
        "Rescales the table so that the last timestep is pure noise. Not with epsilon prediction from the last node.",
    }),
  }),
  terms(_inputs, _params, { define }) {
    define("α_t, σ_t", "=", "√ᾱ_t, √(1 − ᾱ_t)");
    return { schedule: { expr: word("VP") } };
  },
  emit(_inputs, params, context) {
    if (params.timesteps % params.nodes !== 0) {
      context.fail(
        `${params.nodes} solver nodes do not divide ${params.timesteps} timesteps; choose a divisor such as 50.`,
        undefined,
        "schedule-grid",
      );
    }
    const alphasCumprod = alphasCumprodOf(betasOf(params));
    return {
      schedule: scheduleOf({
        id: context.nodeId,
        predictionType: params.predictionType,
        nodes: params.nodes,
        alphasCumprod: params.zeroTerminalSnr ? rescaleZeroTerminalSnr(alphasCumprod) : alphasCumprod,
      }),
    };
  },
});

/** A schedule from its table; the square roots are taken in float64 and rounded once. */
export function scheduleOf(options: {
  id: string;
  predictionType: PredictionType;
  nodes: number;
  alphasCumprod: Float32Array;
}): ScheduleValue {
  const { nodes, alphasCumprod } = options;
  const timesteps = alphasCumprod.length;
  const timestepOf = (node: number) => timestepOfNode(node, timesteps, nodes);
  const levelOf = (node: number) => {
    const abar = alphasCumprod[timestepOf(node)] as number;
    return { alpha: Math.sqrt(abar), sigma: Math.sqrt(1 - abar) };
  };
  const grid = Array.from({ length: nodes + 1 }, (_, node) => node);
  const tables = {
    alpha: grid.map((node) => levelOf(node).alpha),
    sigma: grid.map((node) => levelOf(node).sigma),
    timestep: grid.map(timestepOf),
  };
  // Tables are made in whatever graph the time belongs to, so one schedule serves every stage.
  const lookUp =
    (name: keyof typeof tables) =>
    ({ node }: TimeValue): Tensor =>
      gather(node.graph.constant(tables[name], [nodes + 1]), node);
  return {
    id: options.id,
    space: "vp",
    predictionType: options.predictionType,
    timesteps,
    nodes,
    alphasCumprod,
    timestepOf,
    levelOf,
    alpha: lookUp("alpha"),
    sigma: lookUp("sigma"),
    timestep: lookUp("timestep"),
  };
}
