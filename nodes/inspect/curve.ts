import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";

export const curve = defineNode({
  type: "inspect/curve",
  version: 1,
  title: "Curve",
  family: "inspect",
  help: "Draws series of numbers (loss, gradient norm, learning rate, trajectory error) over the training steps, live.",
  inputs: { metrics: wire.metric.many() },
  outputs: {},
  params: z.object({
    logarithmic: z.boolean().default(true).meta({ title: "Log scale", description: "Logarithmic vertical axis." }),
    smoothing: z.number().min(0).max(0.999).default(0.9).meta({
      title: "Smoothing",
      description: "Weight of the past in the drawn moving average; 0 draws the raw values.",
      step: 0.01,
    }),
  }),
});
