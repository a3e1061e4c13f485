import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { StateValue, TimeLabel } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, floor, gather, max, min, mul, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { describeTime, fixedLabel, ownLabel } from "./labels";
import { edgeBelow, phaseEdges, windowSize } from "./windows";

/**
 * Which time student and target are compared at, given the teacher's stepped state at node n:
 * window: s ~ U{max(0, n - R) .. n - 1}, R = ceil(N eta rate) (STD); uniform: s ~ U{0..n} (TCD); zero: s = 0 (LCM);
 * phases: the largest edge <= n (PCM).
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
  source: "STD (window); Zheng et al. 2024, TCD (uniform); Luo et al. 2023, LCM (zero); Wang et al. 2024, PCM (phases)",
  inputs: { x: wire.state.describe("The state the teacher stepped to.") },
  outputs: { s: wire.time },
  params: z.object({
    rule: z.enum(["window", "uniform", "zero", "phases"]).default("window").meta({
      title: "Rule",
      description:
        "window: a few nodes below the teacher's state; uniform: anywhere below; zero: the clean end; phases: the edge of its phase.",
    }),
    eta: z.number().gt(0).max(1).default(0.75).meta({
      title: "Start noise",
      description: "The share of noise the paths start from; the same as at Start. 1 for the phases of PCM.",
      step: 0.05,
    }),
    rate: z.number().gt(0).max(1).default(0.5).meta({
      title: "Window rate",
      description: "Length of the window as a share of the start index: 0.5 for images, 0.3 for video.",
      step: 0.05,
    }),
    phases: z.number().int().min(1).max(1000).default(8).meta({ title: "Phases", description: "Number of phases M." }),
  }),
  emit({ x }, params, context) {
    const { schedule, node, label } = x.t;
    const below = (text: string, highest: number): TimeLabel => ownLabel(context.nodeId, text, 0, highest, [label]);
    const own = `the target time of "${context.title}"`;
    switch (params.rule) {
      case "zero":
        return { s: { schedule, node: sub(node, node), label: fixedLabel(0) } };
      case "uniform":
        return { s: { schedule, node: drawBelow(x, label.max + 1, 0, context), label: below(own, label.max) } };
      case "window": {
        if (label.min < 1) {
          context.fail(
            `the window needs a node below the teacher's state, which is at ${describeTime(label)} and may already be node 0. ` +
              "Start higher, or choose the rule uniform.",
            "x",
            "time-range",
          );
        }
        const size = windowSize(schedule.nodes, params.eta, params.rate);
        return { s: { schedule, node: drawBelow(x, size, 1, context), label: below(own, label.max - 1) } };
      }
      case "phases": {
        const edges = phaseEdges(schedule.nodes, params.eta, params.phases);
        const table = edgeBelow(edges, schedule.nodes);
        const edge = gather(node.graph.constant(table, [table.length], "int64"), node);
        const highest = table[label.max] as number;
        const lowest = table[label.min] as number;
        return { s: { schedule, node: edge, label: ownLabel(context.nodeId, own, lowest, highest, [label]) } };
      }
    }
  },
});

/** A node drawn uniformly from the `size` highest ones not above n - `gap` (fewer near the clean end); int64 [B]. */
function drawBelow({ t }: StateValue, size: number, gap: number, context: StageContext): Tensor {
  const n = cast(t.node, "float32");
  const draw = context.random("target", { kind: "uniform", low: 0, high: 1 }, t.node.shape);
  const highest = sub(n, gap);
  const count = min(add(highest, 1), size);
  // Rounding can bring u * count up to count itself.
  const offset = max(min(floor(mul(draw, count)), sub(count, 1)), 0);
  return cast(sub(highest, offset), "int64");
}
