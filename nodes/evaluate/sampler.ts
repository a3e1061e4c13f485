import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { guidanceParams, imagenScale } from "../solver/guidance";
import {
  planSampling,
  SAMPLING_START,
  samplingInputs,
  samplingParams,
  samplingPictures,
  solverParam,
  stepTo,
  whenParams,
} from "./sampling";

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
  source:
    "Song et al. 2021 (DDIM); Karras et al. 2022 (Euler, Heun); Lu et al. 2022 (DPM-Solver++); Zhao et al. 2023 (UniPC); Zheng et al. 2024 (TCD); " +
    "Wang et al. 2024 (TDD, PCM); Luo et al. 2023 (LCM); STD (spacing)",
  inputs: samplingInputs,
  outputs: { trajectory: wire.trajectory },
  params: z.object({
    ...solverParam,
    nfe: z.number().int().min(1).max(10_000).default(8).meta({
      title: "NFE",
      description:
        "Network evaluations, counting guidance once; Heun takes two per step, in a last step to clean one. As many as there are nodes or more: every node.",
    }),
    ...samplingParams,
    ...guidanceParams,
    ...whenParams,
  }),
  sampler: {
    start: SAMPLING_START,
    batch: ({ batch }) => batch,
    plan(given, start, context) {
      const { paths, ...plan } = planSampling(given, [given.nfe], start, context);
      const scale =
        given.guidance === "none" ? {} : { guidanceScale: imagenScale(given.guidance, given.guidanceScale) };
      return { ...plan, paths: paths.map((path) => ({ ...path, ...scale })), every: given.every };
    },
    step(inputs, given, context, loop) {
      return stepTo(inputs, given, context, loop);
    },
    pictures: samplingPictures,
  },
});
