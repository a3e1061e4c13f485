import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { fileNameParam } from "./fileName";

export const onnxExport = defineNode({
  type: "export/onnx",
  version: 1,
  title: "Export ONNX",
  family: "export",
  help: "Writes the network with its weights as an ONNX file that takes a state, its timestep and its class, and returns the matched pair (x0, eps).",
  formula: "x [B, ...], t [B], class [B] -> predX0, eps",
  inputs: { weights: wire.weights },
  outputs: {},
  params: z.object({ fileName: fileNameParam("student.onnx", ".onnx") }),
  exporter: { socket: "weights", plan: ({ fileName }) => ({ format: "onnx", fileName, every: 0 }) },
});
