import { expr, row, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import { z } from "zod";
import { requireOnGrid } from "./offGrid";
import { phases } from "./rules/phases";
import { segment } from "./rules/segment";
import { set } from "./rules/set";
import { teacher } from "./rules/teacher";
import { uniform } from "./rules/uniform";
import { window } from "./rules/window";
import { zero } from "./rules/zero";

const RULES = { window, uniform, zero, phases, set, segment, teacher } as const;

/**
 * Which time student and target are compared at, given the teacher's stepped state at node n, timestep t:
 * window: s ~ U{max(0, n - R) .. n - 1}, R = ceil(N eta rate) (STD); uniform: s ~ U{0..n} (TCD); zero: s = 0 (LCM);
 * phases: the largest edge <= n (PCM); set: one of the few-step schedules' timesteps below t, moved toward 0 (TDD);
 * segment: any timestep from the start of t's segment to t (Hyper-SD); teacher: t itself (SDXL-Lightning).
 */
export const target = defineNode({
  type: "time/target",
  version: 1,
  title: "Target time",
  family: "time",
  help:
    "Chooses, per sample, the time s where the student's jump and the target's jump are compared. Wire the teacher's " +
    "stepped state in; s is never later than it. Both jumps must take the same s.",
  formula: "s ~ U{max(0, n − R) .. n − 1},  R = ⌈N η rate⌉",
  source:
    "STD (window); Zheng et al. 2024, TCD (uniform); Luo et al. 2023, LCM (zero); Wang et al. 2024, PCM (phases); TDD (set); " +
    "Ren et al. 2024, Hyper-SD (segment); Lin et al. 2024, SDXL-Lightning (teacher)",
  inputs: { x: wire.state.describe("The state the teacher stepped to.") },
  outputs: { s: wire.time },
  params: z.object({
    rule: z
      .enum(["window", "uniform", "zero", "phases", "set", "segment", "teacher"])
      .default("window")
      .meta({
        title: "Rule",
        description:
          "window: a few nodes below the teacher's state; uniform: anywhere below; zero: the clean end; phases: the edge of its phase; " +
          "set: where few-step schedules go; segment: anywhere below within its segment; " +
          "teacher: where the teacher's state is, which then is the target itself.",
      }),
    eta: z.number().gt(0).max(1).default(0.75).meta({
      title: "Start noise",
      description:
        "The share of noise the paths start from; the same as at Start. 1 for the phases of PCM and the set of TDD.",
      step: 0.05,
    }),
    rate: z.number().gt(0).max(1).default(0.5).meta({
      title: "Window rate",
      description: "Only window: its length as a share of the start index, 0.5 for images, 0.3 for video.",
      step: 0.05,
    }),
    phases: z.number().int().min(1).max(1000).default(8).meta({
      title: "Phases",
      description: "Only phases and segment: how many the schedule is cut into.",
    }),
    stepsFrom: z.number().int().min(1).max(1000).default(4).meta({
      title: "Schedules from",
      description: "Only set: the fewest steps of the schedules whose timesteps are merged.",
      unit: "steps",
      advanced: true,
    }),
    stepsTo: z.number().int().min(1).max(1000).default(8).meta({
      title: "Schedules to",
      description: "Only set: the most steps.",
      unit: "steps",
      advanced: true,
    }),
    reach: z.number().int().min(0).max(100_000).default(260).meta({
      title: "Reach",
      description: "Only set: how far below the highest possible member the others may lie.",
      unit: "timesteps",
      advanced: true,
    }),
    shrink: z.number().min(0).max(1).default(0.3).meta({
      title: "Shrink",
      description: "Only set: the member is moved toward 0 by up to this share, for samplers that add noise.",
      step: 0.05,
      advanced: true,
    }),
  }),
  terms(inputs, { rule, eta, rate, phases, stepsFrom, stepsTo, shrink }, { time, define }) {
    const t = inputs.get("x")?.time ?? expr("t");
    const s = time("s");
    switch (rule) {
      case "zero":
        define(s, "=", 0);
        break;
      case "teacher":
        define(s, "=", t);
        break;
      case "uniform":
        define(s, "∼", row("U{0 … ", t, "}"));
        break;
      case "window":
        define(s, "∼", row("U{", word("max"), "(0, ", t, " − R) … ", t, " − 1}"));
        define("R", "=", word(`⌈${eta} · ${rate} N⌉ nodes`));
        break;
      case "phases":
        define(s, "=", row(word(`the last of ${phases} phase edges ≤ `), t));
        break;
      case "segment":
        define(s, "∼", row(word(`U{start of the segment, one of ${phases}, … `), t, "}"));
        break;
      case "set":
        define(
          s,
          "∼",
          row(`(1 − ${shrink} u) q, `, word(`q of the schedules of ${stepsFrom} to ${stepsTo} steps, ≤ `), t),
        );
        break;
    }
    return { s: { expr: s, time: s } };
  },
  emit({ x }, params, context) {
    requireOnGrid(context, x.t, "x");
    return { s: RULES[params.rule](x, params, context) };
  },
});
