import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView, StateValue } from "@distillery/shared/graph/wires";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, mul, reshape, silu } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { guidanceShift } from "./layers/guidanceEmbedding";
import { linear } from "./layers/linear";
import { fourier, labelEmbedding } from "./layers/timeEmbedding";
import { type Known, networkParams, startInput, trainableWeights } from "./network";
import { networkTerms } from "./terms";

const params = z.object({
  width: z
    .number()
    .int()
    .min(4)
    .max(2048)
    .default(128)
    .meta({ title: "Width", description: "Units of each hidden layer." }),
  depth: z.number().int().min(1).max(16).default(4).meta({ title: "Depth", description: "Hidden layers." }),
  octaves: z.number().int().min(0).max(10).default(4).meta({
    title: "Time octaves",
    description: "Fourier features sin, cos(pi 2^k t/T), k = 0..octaves-1, tell the network the time.",
  }),
  ...networkParams,
});

export const mlp = defineNode({
  type: "student/mlp",
  version: 1,
  title: "Student MLP",
  family: "student",
  help: "A small fully connected network for 2-D points or any short vector, trained by the run. The schedule's prediction type says what its output means.",
  formula: "silu layers over [x, t/T, sin and cos(pi 2^k t/T)]",
  inputs: { dataset: wire.dataset.describe("Gives the shape of a sample and the classes."), ...startInput },
  outputs: { weights: wire.weights },
  params,
  terms: networkTerms,
  emit({ dataset, weights }, settings, context) {
    return {
      weights: trainableWeights({ dataset, from: weights, ...settings }, context, (view, state, known) =>
        perceptron(view, state, known, settings),
      ),
    };
  },
});

/** Residual silu layers of equal width; the last layer starts small, so an untrained student predicts about zero. */
function perceptron(
  view: ParameterView,
  { x, t }: StateValue,
  { labels, guidanceScale }: Known,
  { width, depth, octaves }: z.output<typeof params>,
): Tensor {
  const size = sizeOf(x.shape.slice(1));
  const features = concat(
    [reshape(x, [-1, size]), fourier(mul(t.schedule.timestep(t), 1 / t.schedule.timesteps), octaves)],
    { axis: 1 },
  );
  let hidden = linear(view, "in", features, width);
  for (const label of labels) hidden = add(hidden, labelEmbedding(view, label.name, label, width));
  if (guidanceScale !== null) hidden = add(hidden, guidanceShift(view, "guidance", guidanceScale, width));
  for (let layer = 1; layer < depth; layer++)
    hidden = add(hidden, linear(view, `hidden.${layer}`, silu(hidden), width));
  return reshape(linear(view, "out", silu(hidden), size, { gain: 0.1 }), x.shape);
}
