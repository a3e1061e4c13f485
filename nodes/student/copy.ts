import { expr, row, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import { z } from "zod";
import { copiedParameters, seenThrough } from "./view";

export const copy = defineNode({
  type: "student/copy",
  version: 1,
  title: "Student from a teacher",
  family: "student",
  help:
    "A network of its own that starts with the weights of another one, all of them trainable: the usual start of " +
    "distillation. The teacher keeps its weights.",
  formula: "θ = θ_teacher at the start",
  source: "Luo et al. 2023 (LCM); methods.md 3.4",
  inputs: { weights: wire.weights.describe("The network to start from.") },
  outputs: { weights: wire.weights },
  params: z.object({}),
  terms(inputs, _params, { name, define }) {
    const theta = name("θ");
    define(theta, "←", row(inputs.get("weights")?.expr ?? "φ", word(" at the start")));
    return { weights: { expr: expr(theta) } };
  },
  emit({ weights }, _params, context) {
    let hasWeights = false;
    const own = copiedParameters(weights, context);
    const parameters: ParameterView = (path, spec) => {
      hasWeights = true;
      return own(path, spec);
    };
    const requireWeights = <T>(result: T): T => {
      if (!hasWeights)
        context.fail(`"${weights.title}" is a closed form without weights to start from.`, "weights", "no-weights");
      return result;
    };
    const changes = { owner: context.nodeId, title: context.title, trainable: true };
    const { predict, extract, ...seen } = seenThrough(weights, parameters, changes);
    return {
      weights: {
        ...seen,
        ...(predict && {
          predict: (x, condition, view) =>
            view === undefined ? requireWeights(predict(x, condition)) : predict(x, condition, view),
        }),
        ...(extract && {
          extract: (images, view) => (view === undefined ? requireWeights(extract(images)) : extract(images, view)),
        }),
      },
    };
  },
});
