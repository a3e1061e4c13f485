import { defineNode, type Estimate, type HostTensor, wire } from "@distillery/shared/graph/node";
import { formatShape } from "@distillery/shared/onnx/graph";
import { add, mul } from "@distillery/shared/onnx/ops";
import { estimateOf } from "@distillery/shared/run/estimate";
import { z } from "zod";
import { requireClips } from "../model/frames";
import { shown } from "./references";
import { type Clip, errorAlong, errorAlongEstimated } from "./warping/clipError";

/** How much of a clip changes besides its motion (Lai et al. 2018; methods 8.3). */
export const warpingError = defineNode({
  type: "evaluate/warping-error",
  version: 1,
  title: "Warping error",
  family: "evaluate",
  help:
    "Brings every next frame back along the optical flow and measures what still differs where nothing is hidden: flicker. The flow is exact " +
    "where the data knows it (wire the Start's flow); else it is estimated, from the clip that the result was made from where that is wired " +
    "(Blind video consistency), or from the result itself (EvalCrafter), by Farneback's method in OpenCV.",
  formula: "E = Σ V (warp(I_{t+1}, F) − I_t)² / Σ V, mean over t; colours in [0, 1]",
  source: "Lai et al. 2018, Blind video temporal consistency; Liu et al. 2024, EvalCrafter; Farnebäck 2003",
  inputs: {
    trajectory: wire.trajectory.many(),
    flow: wire.image.optional().describe("Exact optical flow; flow of the Start of these paths."),
    source: wire.image.optional().describe("The clean clips the paths were made from (x0 of their Start)."),
  },
  outputs: { warpingError: wire.metric },
  params: z.object({}),
  scorer: {
    metrics: { warpingError: { title: "Warping error", better: "lower" } },
    aligned: ["flow", "source"],
    emit({ flow, source }, _params, context, { image }) {
      requireClips(image, context, "trajectory", 2);
      const [batch = 1, frames = 1, , height = 1, width = 1] = image.shape;
      const wanted = [batch, frames - 1, 3, height, width];
      if (flow !== undefined && flow.x.shape.join() !== wanted.join()) {
        context.fail(
          `the flow of these clips has shape ${formatShape(wanted)}, but this one has ${formatShape(flow.x.shape)}.`,
          "flow",
          "shape-mismatch",
        );
      }
      if (source !== undefined && source.x.shape.join() !== image.shape.join()) {
        context.fail(
          `the clips have shape ${formatShape(image.shape)}, the source ${formatShape(source.x.shape)}; take it from the Start of these paths.`,
          "source",
          "shape-mismatch",
        );
      }
      const colours = (x: typeof image) => add(mul(shown(x), 0.5), 0.5);
      return {
        clips: colours(image),
        ...(flow !== undefined && { flow: flow.x }),
        ...(flow === undefined && source !== undefined && { source: colours(source.x) }),
      };
    },
    async summarise({ clips, flow, source }, { opticalFlow }): Promise<Record<string, Estimate>> {
      if (clips === undefined) return {};
      const results = clipsOf(clips);
      const sources = source === undefined ? results : clipsOf(source);
      if (flow === undefined && opticalFlow === undefined) {
        throw new Error(
          "There is no optical flow here: wire the Start's flow, or install OpenCV (npm install --include=optional).",
        );
      }
      const known = flow && rowsOf(flow);
      const errors: number[] = [];
      for (const [i, clip] of results.entries()) {
        if (known !== undefined) errors.push(errorAlong(clip, known[i] as Float32Array));
        else if (opticalFlow !== undefined)
          errors.push(await errorAlongEstimated(clip, sources[i] as Clip, opticalFlow));
      }
      const estimate = estimateOf(Float32Array.from(errors));
      return estimate === null ? {} : { warpingError: estimate };
    },
  },
});

function rowsOf({ data, shape }: HostTensor): Float32Array[] {
  const values = data as Float32Array;
  const size = values.length / (shape[0] ?? 1);
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

function clipsOf(tensor: HostTensor): Clip[] {
  const [, frames = 1, , height = 1, width = 1] = tensor.shape;
  return rowsOf(tensor).map((values) => ({ frames, height, width, values }));
}
