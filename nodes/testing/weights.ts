/** Test-only: networks given by a formula. */
import type { ConditionValue, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { predictionFrom } from "../schedule/prediction";

/** A network whose raw output, read by the schedule's prediction type, is `output(state, condition)`. */
export const formulaWeights = (
  output: (x: StateValue, condition: ConditionValue | null) => Tensor,
  sampleShape: readonly number[] | null = null,
): WeightsValue => ({
  owner: "teacher",
  title: "Teacher",
  trainable: false,
  sampleShape,
  parameters: () => {
    throw new Error("no parameters");
  },
  predict: (x, condition) => predictionFrom(output(x, condition), x),
});
