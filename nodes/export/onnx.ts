import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { fileNameParam } from "./fileName";
import { sidecarOf } from "./sidecar";

export const onnxExport = defineNode({
  type: "export/onnx",
  version: 1,
  title: "Export ONNX",
  family: "export",
  help:
    "Writes the network with its weights as an ONNX file that takes a state, its timestep and its labels, and returns the " +
    "matched pair (x0, eps); a LoRA is worked into the weights. Beside it a JSON of the same name tells schedule, labels and steps. " +
    "Of an encoder: images to embedding, layers and scores.",
  formula: "x [B, ...], t [B], class [B] -> predX0, eps",
  inputs: { weights: wire.weights },
  outputs: {},
  params: z.object({
    fileName: fileNameParam("student.onnx", ".onnx"),
    precision: z.enum(["float32", "float16"]).default("float32").meta({
      title: "Precision",
      description: "float16 stores the weights in half the space; computing stays float32.",
    }),
  }),
  exporter: {
    socket: "weights",
    plan: ({ fileName, precision }) => ({ format: "onnx", fileName, every: 0, precision }),
    sidecar: sidecarOf,
  },
});
