import { sub } from "@distillery/shared/onnx/ops";
import { fixedLabel } from "../labels";
import type { TargetRule } from "./rule";

/** LCM: s = 0. */
export const zero: TargetRule<unknown> = ({ t: { schedule, node } }) => ({
  schedule,
  node: sub(node, node),
  label: fixedLabel(0),
});
