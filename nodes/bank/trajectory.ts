import { atTime, indexed, row, word } from "@distillery/shared/graph/formula";
import { defineNode, type StageContext, wire } from "@distillery/shared/graph/node";
import type { ConditionValue, StateValue, TimeLabel } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { where } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { perSample } from "../schedule/prediction";
import { describeTime, isNotAfter, ownLabel, requireSameSchedule } from "../time/labels";
import { trajectoryHost } from "./trajectoryHost";

/**
 * The trajectory bank of single trajectory distillation: with probability `rate` a row continues a stored path of the
 * teacher, else it begins the fresh one; the teacher's next state is stored at the end of the step. So every state trained
 * on lies on the teacher's own path and costs one solver step, not one per node from the start.
 */
export const trajectory = defineNode({
  type: "bank/trajectory",
  version: 1,
  title: "Trajectory bank",
  family: "bank",
  help:
    "Stores states along the teacher's paths and hands them out to be trained on: the teacher moves each path on by one step per " +
    "visit. Wire Start into x and the solver's new state back into advanced; it acts on the next training step. The draw rate, not " +
    "the number of slots, decides how often the start itself is trained.",
  formula: "u < rate: (n, x) ← slot, else fresh;  slot ← (n − 1, Ψ(x)) until n − 1 ≤ retire",
  source: "Single trajectory distillation (STD), trajectory bank",
  inputs: {
    x: wire.state.describe("Fresh starts."),
    x0: wire.image.optional().describe("The clean samples of the fresh starts, to be kept with their paths."),
    condition: wire.condition.optional().describe("The condition of the fresh starts, to be kept with their paths."),
    mask: wire.image.optional().describe("For inpainting: the mask of the fresh starts, to be kept with their paths."),
    advanced: wire.state.delayed().describe("The teacher's next state; stored at the end of the step."),
  },
  outputs: {
    x: wire.state.describe("The states to train on: stored or fresh, per row."),
    x0: wire.image.describe("Their clean samples; without an image wired in, the states themselves."),
    condition: wire.condition.describe("Their condition."),
    mask: wire.image.optional().describe("Their mask, where one is wired in."),
    statistics: wire.metric.describe("Share of the rows that continued a stored path."),
  },
  params: z.object({
    slots: z.number().int().min(1).max(1024).default(4).meta({
      title: "Slots",
      description: "Stored paths per row of the batch.",
    }),
    rate: z.number().min(0).max(1).default(0.8).meta({
      title: "Draw rate",
      description: "Probability of continuing a stored path; 1 - rate of all rows start fresh.",
      step: 0.05,
    }),
    retireNode: z.number().int().min(0).max(10_000).default(2).meta({
      title: "Retire at node",
      description: "A path that reaches this solver node is dropped. Node 2 is script index 1, as released.",
    }),
    restore: z.boolean().default(true).meta({
      title: "Restore condition and image",
      description: "Off: stored paths go on with the current batch's condition and image, as the released code does.",
    }),
    contiguousDraw: z.boolean().default(false).meta({
      title: "Contiguous draw",
      description:
        "On: draw among the first places even when paths in between have retired, as the released code does.",
    }),
  }),
  terms(inputs, { rate, retireNode }, { time, define, later }) {
    const fresh = inputs.get("x");
    const t = time("t");
    const x = fresh ? atTime(fresh.expr, t) : indexed("x", t);
    define(x, "=", row(word(`kept, if u < ${rate}, else `), fresh?.expr ?? "x"));
    later((all) => {
      const advanced = all.get("advanced");
      if (advanced) define(word("kept"), "←", row(advanced.expr, word(` while above node ${retireNode}`)));
    });
    return {
      x: { expr: x, time: t },
      x0: inputs.get("x0") ?? { expr: x },
      condition: inputs.get("condition"),
      mask: inputs.get("mask"),
    };
  },
  emit({ x: fresh, x0, condition, mask }, params, context) {
    if (mask !== undefined && !params.restore) {
      context.fail(
        "a stored path needs the mask it began with: turn on Restore condition and image, or take the mask off.",
        "mask",
      );
    }
    const label = bankLabel(fresh, params, context);
    const useBank = context.input("useBank", "bool", [context.batch]);
    const choose = (stored: Tensor, current: Tensor) => where(perSample(useBank, current), stored, current);
    const keep = (name: string, current: Tensor): Tensor => {
      if (!params.restore) return current;
      const kept = choose(context.input(name, current.dtype, current.shape), current);
      context.output(name, kept);
      return kept;
    };
    const x = choose(context.input("x", "float32", fresh.x.shape), fresh.x);
    const node = choose(context.input("node", "int64", [context.batch]), fresh.t.node);
    context.output("trained", node);
    return {
      x: { x, t: { node, label, schedule: fresh.t.schedule } },
      x0: { x: x0 === undefined ? x : keep("x0", x0.x) },
      condition: keepCondition(condition, keep),
      mask: mask && { x: keep("mask", mask.x) },
      statistics: { node: context.nodeId, series: "hitRate", title: `${context.title}: hit rate` },
    };
  },
  absorb({ x: fresh, advanced }, params, context) {
    const label = bankLabel(fresh, params, context);
    requireSameSchedule(context, advanced.t, fresh.t, "advanced");
    if (!isNotAfter(advanced.t.label, label) || advanced.t.label.max >= label.max) {
      context.fail(
        `the state written back must lie below the bank's own (${describeTime(label)}), but it is at ${describeTime(advanced.t.label)}. ` +
          "Wire in the state a solver made from this bank's x.",
        "advanced",
        "time-order",
      );
    }
    if (advanced.x.shape.join() !== fresh.x.shape.join()) {
      context.fail(
        `fresh states have shape ${formatShape(fresh.x.shape)}, the state written back ${formatShape(advanced.x.shape)}.`,
        "advanced",
        "shape-mismatch",
      );
    }
    context.output("x", advanced.x);
    context.output("advancedNode", advanced.t.node);
  },
  host: (params, options) => trajectoryHost(params, options),
});

/** The time of the states handed out: from the lowest node a path is trained at up to the start. */
function bankLabel({ t }: StateValue, { retireNode }: { retireNode: number }, context: StageContext): TimeLabel {
  if (t.label.max - 1 <= retireNode) {
    context.fail(
      `fresh states start at ${describeTime(t.label)} and retire at node ${retireNode} after one step, so nothing would ever be stored. ` +
        "Start higher or retire lower.",
      "x",
      "start-range",
    );
  }
  return ownLabel(context.nodeId, `the time of "${context.title}"`, Math.min(retireNode + 1, t.label.min), t.label.max);
}

function keepCondition(
  condition: ConditionValue | undefined,
  keep: (name: string, current: Tensor) => Tensor,
): ConditionValue {
  if (condition === undefined) return { tensors: {}, nullTensors: {}, labels: {} };
  const tensors = Object.fromEntries(
    Object.entries(condition.tensors).map(([name, tensor]) => [name, keep(`condition.${name}`, tensor)]),
  );
  return { ...condition, tensors };
}
