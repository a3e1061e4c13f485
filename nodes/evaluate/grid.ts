import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { GUIDANCE_FORMS, imagenScale } from "../solver/guidance";
import {
  plannedNodes,
  SAMPLING_START,
  samplingInputs,
  samplingParams,
  solverOf,
  solverParam,
  stepTo,
  whenParams,
} from "./sampling";

/** Every combination of network evaluations and guidance scales, through one step graph. */
export const grid = defineNode({
  type: "evaluate/grid",
  version: 1,
  title: "Evaluation grid",
  family: "evaluate",
  help:
    "Samples from one start with several numbers of evaluations, and with several guidance scales each: what the tables of " +
    "few-step students report. Wire its trajectory, beside a teacher's sampler, into the nodes that score pictures.",
  formula: "one path for each (NFE, scale)",
  source: "STD: NFE 8, 6, 4 and guidance 2, 4, 6, 8",
  inputs: samplingInputs,
  outputs: { trajectory: wire.trajectory },
  params: z.object({
    ...solverParam,
    nfe: z
      .array(z.number().int().min(1).max(10_000))
      .min(1)
      .max(16)
      .default([8, 6, 4])
      .meta({ title: "NFE", description: "Numbers of network evaluations, counting guidance once." }),
    guidance: z.enum(GUIDANCE_FORMS).default("imagen").meta({
      title: "Guidance",
      description:
        "imagen: p = u + g (c − u), 1 means none; lcm: p = c + w (c − u), 0 means none, g = w + 1; embedded: the network is told w; none: one path per NFE.",
    }),
    guidanceScales: z
      .array(z.number().min(-100).max(100))
      .min(1)
      .max(16)
      .default([2, 4, 6, 8])
      .meta({ title: "Guidance scales", description: "g or w, one path for each." }),
    ...samplingParams,
    ...whenParams,
  }),
  sampler: {
    start: SAMPLING_START,
    batch: ({ batch }) => batch,
    plan(given, start) {
      const solver = solverOf(given);
      const { guidance } = given;
      const scales = guidance === "none" ? [] : given.guidanceScales.map((scale) => imagenScale(guidance, scale));
      return {
        paths: [...new Set(given.nfe)].flatMap((nfe) => {
          const nodes = plannedNodes(given, nfe, start.t);
          if (scales.length === 0) return [{ nodes, label: `NFE ${nfe}` }];
          return [...new Set(scales)].map((guidanceScale) => ({
            nodes,
            guidanceScale,
            label: `NFE ${nfe}, scale ${guidanceScale}`,
          }));
        }),
        carry: solver.carry(start.x.shape.slice(1)),
        every: given.every,
        evaluationsPerStep: solver.evaluationsPerStep,
      };
    },
    step(inputs, given, context, loop) {
      return stepTo(inputs, given, context, loop);
    },
  },
});
