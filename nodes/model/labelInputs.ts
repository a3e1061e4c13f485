/** Inputs of network files that take a label of the condition. */
import type { UserModelInfo } from "@distillery/shared/graph/modelInfo";
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { expand } from "@distillery/shared/onnx/ops";

/** What files call the labels that conditions carry. */
export const LABEL_NAMES = { class: ["class", "class_labels", "y"], content: ["content"] } as const;
export const LABELS = ["class", "content"] as const;
export type Label = (typeof LABELS)[number];

const WORDS: Readonly<Record<Label, string>> = { class: "classes", content: "kinds of content" };

/** The condition's index of one label; unknown for every sample where it says nothing and the file has a value for that. */
export function labelOf(
  label: Label,
  input: string,
  info: UserModelInfo,
  { x }: StateValue,
  condition: ConditionValue | null,
  context: StageContext,
): Tensor {
  const known = info.labels?.[label];
  const index = condition?.tensors[label];
  if (index === undefined && known !== undefined)
    return expand(x.graph.constant([known], [1], "int64"), [x.shape[0] as number]);
  if (index === undefined)
    return context.fail(`Input "${input}" wants ${WORDS[label]}, but no condition with them is connected.`);
  const count = condition?.labels[label];
  if (known !== undefined && known !== count) {
    context.fail(
      `"${info.name}" knows ${known} ${WORDS[label]}, the condition has ${count}; use the data the model was trained on.`,
    );
  }
  return index;
}
