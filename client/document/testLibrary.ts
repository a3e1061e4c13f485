/** A small made-up node library for tests: sockets of every cardinality, a delayed input, a migration. */
import { defineNode, NodeLibrary, wire } from "@distillery/shared/graph/node";
import { z } from "zod";

const common = { version: 1, help: "For tests." } as const;

export const testLibrary = new NodeLibrary([
  defineNode({
    ...common,
    type: "data/start",
    title: "Start",
    family: "data",
    inputs: { dataset: wire.dataset.optional() },
    outputs: { x: wire.state, x0: wire.image },
    params: z.object({ eta: z.number().min(0).max(1).default(0.75).meta({ title: "Noise", description: "How far." }) }),
  }),
  defineNode({
    ...common,
    type: "solver/step",
    title: "Solver step",
    family: "solver",
    inputs: { x: wire.state, weights: wire.weights.optional() },
    outputs: { x: wire.state, predX0: wire.image },
    params: z.object({
      guidance: z.number().default(3).meta({ title: "Guidance", min: 0, max: 10, step: 0.1 }),
      form: z.enum(["cfg", "none"]).default("cfg").meta({ title: "Form" }),
      steps: z.int().min(1).default(4).meta({ title: "Steps" }),
      label: z.string().default("").meta({ title: "Label" }),
      clip: z.boolean().default(false).meta({ title: "Clip" }),
      styles: z
        .array(z.enum(["flat", "mono", "3d"]))
        .default(["flat"])
        .meta({ title: "Styles" }),
      range: z.tuple([z.number(), z.number()]).default([0, 1]).meta({ title: "Range" }),
      optimiser: z
        .object({ rate: z.number().positive().default(0.001).meta({ title: "Rate" }) })
        .prefault({})
        .meta({ title: "Optimiser" }),
    }),
  }),
  defineNode({
    ...common,
    type: "bank/trajectory",
    title: "Trajectory bank",
    family: "bank",
    inputs: { x: wire.state, advanced: wire.state.delayed() },
    outputs: { x: wire.state },
    params: z.object({ slots: z.int().default(64).meta({ title: "Slots" }) }),
  }),
  defineNode({
    ...common,
    version: 2,
    type: "loss/distance",
    title: "Distance",
    family: "loss",
    inputs: { student: wire.state, target: wire.state },
    outputs: { loss: wire.loss },
    params: z.object({ delta: z.number().default(0.1).meta({ title: "Delta" }) }),
    migrate: ({ c, ...others }) => ({ ...others, delta: c }),
  }),
  defineNode({
    ...common,
    type: "train/trainer",
    title: "Trainer",
    family: "train",
    inputs: { loss: wire.loss.many() },
    outputs: {},
    params: z.object({}),
  }),
]);
