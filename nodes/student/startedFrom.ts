import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, ParameterView, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { formatShape } from "@distillery/shared/onnx/graph";
import { predictorOf } from "../model/evaluator";
import { STAND_IN } from "../model/standIn";
import { dryPredict } from "./adapters/dryRun";

export interface Started {
  readonly parameters: ParameterView;
  /** To be asked once the network has read its parameters: fails when not one of them came from the other. */
  requireShared(): void;
}

/**
 * Trainable parameters of the node itself that begin as the weights of the same name in `from` (PyTorch's
 * `load_state_dict(strict=False)`); what it does not have begins from scratch. Fails where one has another shape.
 */
export function startedFrom(
  from: WeightsValue,
  state: StateValue,
  condition: ConditionValue | null,
  context: StageContext,
): Started {
  const { specs } = dryPredict(predictorOf(from, context), state, condition);
  const { predictionType } = state.t.schedule;
  if (from.predictionType !== undefined && from.predictionType !== predictionType) {
    context.fail(
      `"${from.title}" puts out ${from.predictionType}, but the schedule reads the same weights here as ${predictionType}, and nothing converts them. ` +
        "Set the schedule's prediction type to what they were trained for.",
      "weights",
      "prediction-type",
    );
  }
  let isShared = specs.has(STAND_IN);
  const parameters: ParameterView = (path, spec) => {
    const theirs = specs.get(path);
    if (theirs === undefined) return context.variable(path, { ...spec, role: "parameter" });
    isShared = true;
    if (theirs.shape.join() !== spec.shape.join()) {
      context.fail(
        `"${path}" has shape ${formatShape(theirs.shape)} in "${from.title}" and ${formatShape(spec.shape)} here. Give both networks the same layers.`,
        "weights",
        "shape-mismatch",
      );
    }
    // A file's weights come with their values. Those of a network of this graph are copied, so it has to be there.
    if (theirs.init.kind !== "data") from.parameters(path, theirs);
    const init = theirs.init.kind === "data" ? theirs.init : ({ kind: "copy", owner: from.owner, path } as const);
    return context.variable(path, { shape: spec.shape, init, role: "parameter" });
  };
  return {
    parameters,
    requireShared() {
      if (isShared) return;
      const has = specs.size === 0 ? "is a closed form without weights" : "has no weight of the same name";
      context.fail(`"${from.title}" ${has} to start from. Take a network of the same layers.`, "weights", "no-weights");
    },
  };
}
