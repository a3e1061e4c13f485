import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";

/**
 * Progressive distillation trains in stages (Salimans & Ho 2022; SDXL-Lightning; Hyper-SD; methods.md 3.4, 4.5, 4.6): the student's
 * weights go on from stage to stage, the optimiser begins anew, and "Student of the stage before" may become the teacher.
 */
export const stage = defineNode({
  type: "train/stage",
  version: 1,
  title: "Stage",
  family: "train",
  help:
    "One stage of a run: this graph with other parameters, for so many steps. Wire the first stage into the second and so on, and " +
    "the last one into the trainer. Between two stages the trained weights stay; the optimiser's memory, averages and the bank " +
    "begin anew, and so do learning rate and warm-up.",
  formula: "θ at the start of a stage = θ at the end of the one before",
  source: "Salimans & Ho 2022 (progressive distillation); Lin et al. 2024 (SDXL-Lightning); Ren et al. 2024 (Hyper-SD)",
  inputs: { before: wire.stage.optional().describe("The stage before; nothing at the first one.") },
  outputs: { stage: wire.stage.describe("To the next stage, or to the trainer.") },
  params: z.object({
    steps: z.number().int().min(1).max(10_000_000).default(1000).meta({
      title: "Steps",
      description: "Updates of the weights in this stage; the trainer's own number does not count.",
    }),
    overrides: z.record(z.string().max(256), z.json()).default({}).meta({
      title: "Changes",
      description: "Parameters that differ in this stage from the graph as it is drawn.",
      widget: "overrides",
    }),
    fresh: z.array(z.string().max(128)).default([]).meta({
      title: "Begins afresh",
      description: "Nodes whose trained parameters are drawn anew when the stage begins, such as a discriminator.",
      widget: "nodes",
      advanced: true,
    }),
    merge: z.array(z.string().max(128)).default([]).meta({
      title: "Worked in",
      description:
        "LoRAs whose change becomes part of the network they start from when the stage begins; a fresh one is trained then.",
      widget: "nodes",
      advanced: true,
    }),
    keep: z.array(z.string().max(128)).default([]).meta({
      title: "Goes on",
      description:
        "Nodes whose memory outlives the stage before: a trainer, an average, a bank (on the same grid), the student of a stage before.",
      widget: "nodes",
      advanced: true,
    }),
  }),
  stage: ({ steps, overrides, fresh, merge, keep }) => ({ steps, overrides, fresh, merge, keep }),
  emit: ({ before }) => ({ stage: { count: (before?.count ?? 0) + 1 } }),
});
