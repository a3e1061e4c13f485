import { add, cast, sub } from "@distillery/shared/onnx/ops";
import { asIndex, drawBelow, type TargetRule, targetLabel } from "./rule";

/** TCD: s ~ U{0 .. n} over the solver nodes; at s = n the target is the teacher's step itself. */
export const uniform: TargetRule<unknown> = (x, _params, context) => {
  const { schedule, node, label } = x.t;
  const n = cast(node, "float32");
  const s = sub(n, drawBelow(add(n, 1), "target", context));
  return { schedule, node: asIndex(s), label: targetLabel(x, 0, label.max, context) };
};
