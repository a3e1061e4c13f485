import { raised, row } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import { stopGradient } from "@distillery/shared/onnx/ops";
import { bundleVectors, ema } from "@distillery/shared/onnx/optimisers";
import { z } from "zod";
import { seenThrough } from "./view";

export const average = defineNode({
  type: "student/average",
  version: 1,
  title: "Moving average (EMA)",
  family: "student",
  help: "A copy of trained weights that follows them slowly: updated after each optimiser step, never trained itself. Starts as an exact copy.",
  formula: "theta- <- decay theta- + (1 - decay) theta",
  source: "Luo et al. 2023 (LCM), section 4; methods.md 3.4",
  inputs: { weights: wire.weights.describe("Trained weights to follow.") },
  outputs: { weights: wire.weights },
  params: z.object({
    decay: z
      .number()
      .min(0)
      .max(0.999999)
      .default(0.95)
      .meta({ title: "Decay", description: "Weight of the past; 0.95 in released LCM code.", step: 0.001 }),
  }),
  terms(inputs, { decay }, { define }) {
    const theta = inputs.get("weights")?.expr ?? "θ";
    const target = raised(theta, "−");
    define(target, "←", row(`${decay} `, target, ` + ${Number((1 - decay).toPrecision(6))} `, theta));
    return { weights: { expr: target } };
  },
  emit({ weights }, _params, context) {
    if (!weights.trainable) {
      context.fail(
        `"${weights.title}" is not trained, so there is nothing to average; wire the student itself.`,
        "weights",
      );
    }
    const parameters: ParameterView = (path, spec) => {
      const followed = weights.parameters(path, spec);
      // What is not trained has no average but itself.
      if (!context.parametersOf(weights.owner).has(path)) return stopGradient(followed);
      const init = { kind: "copy", owner: weights.owner, path } as const;
      return context.variable(path, { shape: spec.shape, init, role: "average" }, context.nodeId);
    };
    return {
      weights: seenThrough(weights, parameters, { owner: context.nodeId, title: context.title, trainable: false }),
    };
  },
  absorb({ weights }, { decay }, context) {
    if (context.kind !== "train") return;
    const parameters = [...context.parametersOf(weights.owner)];
    for (const bundle of bundleVectors(parameters, ([, { shape }]) => shape)) {
      const old = bundle.join(([path, { shape }]) => {
        const init = { kind: "copy", owner: weights.owner, path } as const;
        return context.variable(path, { shape, init, role: "average" });
      });
      const followed = bundle.join(([path]) => context.next(path, weights.owner));
      for (const [[path], value] of bundle.part(ema(old, followed, decay))) {
        context.assign(path, value, context.nodeId, context.turnOf(path, weights.owner));
      }
    }
  },
});
