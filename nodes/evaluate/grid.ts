import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { GUIDANCE_FORMS, imagenScale } from "../solver/guidance";
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
    plan(given, start, context) {
      const { guidance } = given;
      const scales = guidance === "none" ? [] : given.guidanceScales.map((scale) => imagenScale(guidance, scale));
      const counts = [...new Set(given.nfe)];
      const { paths, ...plan } = planSampling(given, counts, start, context);
      return {
        ...plan,
        paths: paths.flatMap((path, i) => {
          if (scales.length === 0) return [{ ...path, label: `NFE ${counts[i]}` }];
          return [...new Set(scales)].map((guidanceScale) => ({
            ...path,
            guidanceScale,
            label: `NFE ${counts[i]}, scale ${guidanceScale}`,
          }));
        }),
        every: given.every,
      };
    },
    step(inputs, given, context, loop) {
      return stepTo(inputs, given, context, loop);
    },
    pictures: samplingPictures,
  },
});
