/** Applying a network to a state, its operations named after it inside the node that applies it; with the checks every user of a weights wire needs. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { ConditionValue, Prediction, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { formatShape } from "@distillery/shared/onnx/graph";
import { SPACES } from "../time/labels";

/** `weights.predict`, refusing states of another shape than the network takes, and a condition that tells it too little. */
export const evaluator =
  (weights: WeightsValue, context: StageContext) =>
  (x: StateValue, condition: ConditionValue | null): Prediction => {
    const sampleShape = x.x.shape.slice(1);
    if (weights.sampleShape !== null && weights.sampleShape.join() !== sampleShape.join()) {
      context.fail(
        `"${weights.title}" takes samples of shape ${formatShape(weights.sampleShape)}, but the state has ${formatShape(sampleShape)}. ` +
          "Use the same data set for both.",
        "weights",
        "shape-mismatch",
      );
    }
    const { space } = x.t.schedule;
    if (weights.space !== undefined && weights.space !== space) {
      context.fail(
        `"${weights.title}" takes states of another space: it was made for ${SPACES[weights.space]}, the state is ${SPACES[space]}. ` +
          "Use the schedule it was trained with for the states, too.",
        "weights",
        "space-mismatch",
      );
    }
    if (weights.guidanceEmbedding === true && condition?.guidanceScale === undefined) {
      context.fail(
        `"${weights.title}" has to be told the guidance scale. In training take the condition of the solver's step, ` +
          'in a sampler choose the guidance "embedded".',
        "condition",
        "guidance-scale",
      );
    }
    return predictorOf(weights, context)(x, condition);
  };

/** The network as a predictor, or a finding when it is none (an encoder, say). */
export const predictorOf = (weights: WeightsValue, context: StageContext): NonNullable<WeightsValue["predict"]> => {
  const { predict } = weights;
  if (predict !== undefined) return (...given) => context.graph.scope(weights.owner, () => predict(...given));
  context.fail(`"${weights.title}" is no diffusion network: it does not predict states.`, "weights", "not-a-denoiser");
};

/** The network as an encoder of images, or a finding when it is none (a denoiser, say). */
export const extractorOf = (
  weights: WeightsValue,
  context: StageContext,
  socket = "weights",
): NonNullable<WeightsValue["extract"]> => {
  const { extract } = weights;
  if (extract !== undefined) return (...given) => context.graph.scope(weights.owner, () => extract(...given));
  context.fail(`"${weights.title}" is no encoder: it gives no features of an image.`, socket, "not-an-encoder");
};
