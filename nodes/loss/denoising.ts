import { call, indexed, row, weighted, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { Prediction, PredictionType, StateValue } from "@distillery/shared/graph/wires";
import { formatShape, type Tensor } from "@distillery/shared/onnx/graph";
import { add, div, min, mul, reduceMean, reshape, square, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { evaluator } from "../model/evaluator";
import { coefficients, perSample } from "../schedule/prediction";

/** How a network learns to denoise in the first place (Ho et al. 2020, eq. 14; Salimans & Ho 2022; Hang et al. 2023). */
export const denoising = defineNode({
  type: "loss/denoising",
  version: 1,
  title: "Denoising loss",
  family: "loss",
  help:
    "Trains a diffusion model from data: the network looks at noised samples and predicts what the schedule's prediction type " +
    "asks for. Wire x and x0 from one Start whose time is uniform, and hide a tenth of the conditions there for guidance.",
  formula: "L = mean w(t) |ŷ − y|²,  y = ε, x₀ or v = α ε − σ x₀;  min-SNR: w ∝ min(SNR, γ)",
  source: "Ho et al. 2020, eq. 14; Salimans & Ho 2022 (v); Hang et al. 2023 (min-SNR)",
  inputs: {
    weights: wire.weights.describe("The network to train."),
    x: wire.state.describe("Noised samples."),
    x0: wire.image.describe("The samples they were made from."),
    condition: wire.condition.optional(),
  },
  outputs: { loss: wire.loss },
  params: z.object({
    weighting: z.enum(["none", "min-snr"]).default("none").meta({
      title: "Weighting",
      description:
        "none: every time counts alike in the network's own target; min-snr: times with little noise count less.",
    }),
    gamma: z
      .number()
      .positive()
      .default(5)
      .meta({ title: "Gamma", description: "Only for min-SNR: the largest SNR that counts." }),
    weight: z
      .number()
      .min(0)
      .default(1)
      .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
  }),
  terms(inputs, { weighting, gamma, weight }, { define }) {
    const x = inputs.get("x");
    const network = call(
      indexed("ŷ", inputs.get("weights")?.expr ?? "θ"),
      x?.expr ?? "x",
      x?.time,
      inputs.get("condition")?.expr,
    );
    const factor = weighting === "none" ? "" : "w(t) ";
    define("y", "=", row(word("ε, "), inputs.get("x0")?.expr ?? "x₀", word(" or v, what the network predicts")));
    if (weighting !== "none") define("w(t)", "=", `min(SNR, ${gamma})`);
    return { loss: { expr: weighted(weight, row(word("mean "), factor, "|", network, " − y|²")) } };
  },
  emit({ weights, x, x0, condition }, { weighting, gamma, weight }, context) {
    if (x.x.shape.join() !== x0.x.shape.join()) {
      context.fail(
        `the noised samples have shape ${formatShape(x.x.shape)}, the clean ones ${formatShape(x0.x.shape)}; take both from one Start.`,
        "x0",
        "shape-mismatch",
      );
    }
    const { predictionType } = x.t.schedule;
    const { alpha, sigma } = coefficients(x.t, x.x);
    const truth = { predX0: x0.x, eps: div(sub(x.x, mul(alpha, x0.x)), sigma) };
    const error = sub(
      targetOf(predictionType, evaluator(weights, context)(x, condition ?? null), x),
      targetOf(predictionType, truth, x),
    );
    const squared = square(error);
    const weighted =
      weighting === "none" ? squared : mul(squared, perSample(minSnrWeight(x, predictionType, gamma), squared));
    return { loss: { value: mul(reduceMean(weighted, { keepdims: false }), weight) } };
  },
});

/** What the network is asked for, of a matched pair at state `x`. */
function targetOf(type: PredictionType, { predX0, eps }: Prediction, x: StateValue): Tensor {
  if (type === "epsilon") return eps;
  if (type === "sample") return predX0;
  if (x.t.schedule.space === "rf") return sub(eps, predX0);
  const { alpha, sigma } = coefficients(x.t, x.x);
  return sub(mul(alpha, eps), mul(sigma, predX0));
}

/** [B]: min(SNR, gamma) in the weights of an x0 loss, divided by what the network's own target already carries. */
export function minSnrWeight({ t }: StateValue, type: PredictionType, gamma: number): Tensor {
  const [alpha, sigma] = [t.schedule.alpha(t), t.schedule.sigma(t)];
  const snr = reshape(div(square(alpha), square(sigma)), [-1]);
  const clipped = min(snr, gamma);
  switch (type) {
    case "sample":
      return clipped;
    case "epsilon":
      return div(clipped, snr);
    case "v_prediction":
      // Both targets are (x - x0's share) over sigma: v of rectified flow is (x - x0) / sigma, so its error is 1 / sigma of x0's.
      return t.schedule.space === "rf" ? mul(clipped, square(reshape(sigma, [-1]))) : div(clipped, add(snr, 1));
  }
}
