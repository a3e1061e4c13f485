import { call, raised, word } from "@distillery/shared/graph/formula";
import { defineNode, wire } from "@distillery/shared/graph/node";
import type { ParameterView } from "@distillery/shared/graph/wires";
import { stopGradient } from "@distillery/shared/onnx/ops";
import { z } from "zod";
import { seenThrough } from "./view";

export const alias = defineNode({
  type: "student/alias",
  version: 1,
  title: "Stop-gradient copy",
  family: "student",
  help: "The same weights at the same step, but no gradient flows through them: the target network of STD, PCM, TDD and the LoRA variants.",
  formula: "theta- = sg(theta)",
  source: "methods.md 3.4; Wang et al. 2024 (PCM)",
  inputs: { weights: wire.weights },
  outputs: { weights: wire.weights },
  params: z.object({}),
  terms(inputs, _params, { define }) {
    const theta = inputs.get("weights")?.expr ?? "θ";
    const target = raised(theta, "−");
    define(target, "=", call(word("sg"), theta));
    return { weights: { expr: target } };
  },
  emit({ weights }, _params, context) {
    const cut = new Map<string, ReturnType<ParameterView>>();
    const parameters: ParameterView = (path, spec) => {
      const known = cut.get(path) ?? stopGradient(weights.parameters(path, spec));
      cut.set(path, known);
      return known;
    };
    return { weights: seenThrough(weights, parameters, { title: context.title, trainable: false }) };
  },
});
