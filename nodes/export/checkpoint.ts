import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { fileNameParam } from "./fileName";

export const checkpoint = defineNode({
  type: "export/checkpoint",
  version: 1,
  title: "Save weights",
  family: "export",
  help: "Writes the weights that arrive here as a safetensors file: of an average (EMA) node, the averaged weights.",
  inputs: { weights: wire.weights },
  outputs: {},
  params: z.object({
    fileName: fileNameParam("student.safetensors", ".safetensors"),
    every: z
      .number()
      .int()
      .min(0)
      .default(0)
      .meta({ title: "Every", description: "Also during training; 0: only at the end.", unit: "steps" }),
  }),
  exporter: {
    socket: "weights",
    plan: ({ fileName, every }) => ({ format: "checkpoint", fileName, every }),
  },
});
