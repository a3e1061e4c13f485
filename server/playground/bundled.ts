/** The teacher that ships with the product, alone: for whoever has no run yet. */
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";

export const BUNDLED_TEACHER = "bundled:teacher-32";

const at = { x: 0, y: 0 };
const wire = (from: string, output: string, to: string, input: string) => ({
  from: { node: from, socket: output },
  to: { node: to, socket: input },
});

/** Data set and schedule as the teacher was trained (template `train-teacher`), guidance as `std-style` samples it. */
export const bundledDocument: GraphDocument = {
  ...emptyDocument("Bundled teacher"),
  nodes: [
    { id: "data", type: "data/emoji", params: {}, position: at },
    {
      id: "schedule",
      type: "schedule/vp",
      params: { predictionType: "v_prediction", betaEnd: 0.006 },
      position: at,
    },
    { id: "teacher", type: "model/onnx", params: { model: BUNDLED_TEACHER }, position: at },
    { id: "start", type: "data/start", params: { eta: 0.75, split: "heldOut", otherClass: true }, position: at },
    {
      id: "path",
      type: "evaluate/sampler",
      params: { nfe: 50, guidance: "lcm", guidanceScale: 4, lastStepToClean: true },
      position: at,
    },
  ],
  edges: [
    wire("data", "dataset", "start", "dataset"),
    wire("schedule", "schedule", "start", "schedule"),
    wire("start", "x", "path", "x"),
    wire("start", "condition", "path", "condition"),
    wire("teacher", "weights", "path", "weights"),
  ],
};
