import { defineNode, wire } from "@distillery/shared/graph/node";
import { abs, add, mul, reduceMean, softplus, stopGradient, sub } from "@distillery/shared/onnx/ops";
import { z } from "zod";

/** log(cosh(d)), written so that large d do not overflow. */
const logCosh = (d) => sub(add(abs(d), softplus(mul(abs(d), -2))), Math.log(2));

export const logCoshDistance = defineNode({
  type: "first-pack/loss/log-cosh",
  version: 1,
  title: "Log-cosh distance",
  family: "loss",
  help: "How far the student lands from the target: square for small distances, straight for large ones.",
  formula: "L = weight · mean(log(cosh(y − ŷ)))",
  inputs: { student: wire.state, target: wire.state.describe("Taken as given: no gradient flows here.") },
  outputs: { loss: wire.loss },
  params: z.object({
    weight: z
      .number()
      .min(0)
      .default(1)
      .meta({ title: "Weight", description: "Factor in the sum of losses.", step: 0.1 }),
  }),
  emit({ student, target }, { weight }) {
    const distance = sub(student.x, stopGradient(target.x));
    return { loss: { value: mul(reduceMean(logCosh(distance), { keepdims: false }), weight) } };
  },
});
