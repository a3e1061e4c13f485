import { defineNode, wire } from "@distillery/shared/graph/node";
import { cast, gather, greaterOrEqual, reduceSum, reshape } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { ownLabel } from "./labels";
import { nodesAround, timeAt } from "./offGrid";

/**
 * t* = timesteps[i] with probability weights[i] / sum(weights), per sample: where SDXL-Lightning's discriminator looks at clean
 * samples of its one- and two-step students, {10, 250, 500, 750} at 1:1:1:1, later 5:1:1:1.
 */
export const oneOf = defineNode({
  type: "time/one-of",
  version: 1,
  title: "One of several times",
  family: "time",
  help:
    "Draws a time per sample out of a few. Wire it into a noise travel, whose state must be cleaner than all of them: take the " +
    "jump to the clean end.",
  formula: "t* = tᵢ with probability wᵢ / Σ w",
  source: "Lin et al. 2024 (SDXL-Lightning), section 3.4",
  inputs: { schedule: wire.schedule },
  outputs: { t: wire.time },
  params: z.object({
    timesteps: z
      .array(z.number().int().min(0).max(100_000))
      .min(1)
      .max(64)
      .default([10, 250, 500, 750])
      .meta({ title: "Timesteps", description: "The times to choose from; they may lie between solver nodes." }),
    weights: z.array(z.number().min(0)).min(1).max(64).default([1, 1, 1, 1]).meta({
      title: "Weights",
      description: "How often each is drawn, relative to the others: 5, 1, 1, 1 favours the first.",
    }),
  }),
  emit({ schedule }, { timesteps, weights }, context) {
    const { graph, batch } = context;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (weights.length !== timesteps.length || total === 0) {
      context.fail(
        `${timesteps.length} timesteps need ${timesteps.length} weights that are not all 0, but there are ${weights.join(", ")}.`,
        undefined,
        "time-weights",
      );
    }
    const latest = Math.max(...timesteps);
    if (latest >= schedule.timesteps) {
      context.fail(
        `timestep ${latest} is beyond the schedule's last one, ${schedule.timesteps - 1}.`,
        undefined,
        "time-range",
      );
    }
    // How many of the first upper ends the draw has passed.
    const ends = weights.slice(0, -1).map((_, i) => weights.slice(0, i + 1).reduce((sum, w) => sum + w, 0) / total);
    const u = context.random("choice", { kind: "uniform", low: 0, high: 1 }, [batch]);
    const passed = cast(
      greaterOrEqual(reshape(u, [batch, 1]), graph.constant([...ends, 2], [1, ends.length + 1])),
      "float32",
    );
    const index = cast(reduceSum(passed, { axes: [1], keepdims: false }), "int64");
    const t = gather(graph.constant(timesteps, [timesteps.length], "int64"), index);
    const { below } = nodesAround(schedule, Math.min(...timesteps));
    const label = ownLabel(
      context.nodeId,
      `the time of "${context.title}"`,
      below,
      nodesAround(schedule, latest).above,
    );
    return { t: timeAt(schedule, t, label) };
  },
});
