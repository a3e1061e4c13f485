/** A weights wire for a network that has no parameters. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, Prediction, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { GraphError } from "@distillery/shared/onnx/graph";

export const closedForm = (
  context: StageContext,
  sampleShape: readonly number[],
  predict: (x: StateValue, condition: ConditionValue | null) => Prediction,
): WeightsValue => ({
  owner: context.nodeId,
  title: context.title,
  trainable: false,
  sampleShape,
  parameters: (path) => {
    throw new GraphError(`"${context.title}" is a closed form and has no parameter "${path}".`);
  },
  predict: (x, condition) => predict(x, condition),
});
