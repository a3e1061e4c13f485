import { cast, min, sub } from "@distillery/shared/onnx/ops";
import { describeTime } from "../labels";
import { windowSize } from "../windows";
import { asIndex, drawBelow, type TargetRule, targetLabel } from "./rule";

/** STD: s ~ U{max(0, n - R) .. n - 1}, R = ceil(N eta rate): strictly below the teacher's state. */
export const window: TargetRule<{ eta: number; rate: number }> = (x, { eta, rate }, context) => {
  const { schedule, node, label } = x.t;
  if (label.min < 1) {
    context.fail(
      `the window needs a node below the teacher's state, which is at ${describeTime(label)} and may already be node 0. ` +
        "Start higher, or choose the rule uniform.",
      "x",
      "time-range",
    );
  }
  const n = cast(node, "float32");
  const count = min(n, windowSize(schedule.nodes, eta, rate));
  const s = sub(sub(n, 1), drawBelow(count, "target", context));
  return { schedule, node: asIndex(s), label: targetLabel(x, 0, label.max - 1, context) };
};
