/** Text for networks that take it: a file from the class to the embeddings of its prompt. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, StateValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { stopGradient } from "@distillery/shared/onnx/ops";
import type { ModelFile } from "./file";
import { LABEL_NAMES, LABELS, labelOf } from "./labelInputs";

/** What the table says of each sample's labels, by output: gradients stay out of it. */
export function prompted(
  { info, apply }: ModelFile,
  state: StateValue,
  condition: ConditionValue | null,
  context: StageContext,
): ReadonlyMap<string, Tensor> {
  const given = info.inputs.map(({ name }) => {
    const label = LABELS.find((each) => LABEL_NAMES[each].some((known) => known === name));
    if (label === undefined) {
      return context.fail(
        `"${info.name}" takes "${name}"; a prompt table takes the index of the class.`,
        undefined,
        "unknown-input",
      );
    }
    return [name, labelOf(label, name, info, state, condition, context)] as const;
  });
  return new Map([...apply(new Map(given))].map(([name, value]) => [name, stopGradient(value)]));
}
