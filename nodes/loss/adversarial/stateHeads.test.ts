import type { ParameterView } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { mul, reduceSum, reshape } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { farthest } from "../../testing/farthest";
import { contextOf, newStage, runStage } from "../../testing/stage";
import fixture from "../fixtures/stateDiscriminator.json";
import { type StateHeadOptions, stateHead } from "./stateHeads";

describe("heads on the layers of a diffusion network", () => {
  it.each(Object.entries(fixture.heads))("of %s give PyTorch's logits and gradients", async (_name, expected) => {
    const { shape, logitShape, gradients } = expected;
    const stage = newStage(shape[0] as number);
    const context = contextOf(stage, "disc");
    const view: ParameterView = (path, spec) => context.variable(path, { ...spec, role: "parameter" });
    const x = stage.graph.input("x", "float32", shape);
    const logits = stateHead(view, "head", x, expected.options as StateHeadOptions);
    expect(logits.shape).toEqual(logitShape);
    const parameters = [...context.parametersOf("disc")];
    const shapes = parameters.map(([path, tensor]) => [path.replace("head.", ""), tensor.shape]);
    expect(Object.fromEntries(shapes)).toEqual(
      Object.fromEntries(Object.entries(expected.parameters).map(([path, each]) => [path, each.shape])),
    );

    const pattern = stage.graph.constant(
      Array.from({ length: logits.size }, (_, i) => Math.sin(i + 1)),
      [logits.size],
    );
    const scalar = reduceSum(mul(reshape(logits, [-1]), pattern), { keepdims: false });
    const found = grad(scalar, [x, ...parameters.map(([, tensor]) => tensor)]);
    const paths = ["x", ...shapes.map(([path]) => path as string)];
    const fetches = Object.fromEntries(found.map((gradient, i) => [paths[i] as string, gradient]));
    const feeds = Object.entries(expected.parameters).map(([path, { data }]) => [`disc/head.${path}`, data] as const);
    const result: Record<string, number[]> = await runStage(
      stage,
      { ...fetches, logits },
      { x: expected.x, ...Object.fromEntries(feeds) },
    );
    expect(farthest(result.logits ?? [], expected.logits)).toBeLessThan(3e-6);
    // Absolute for those that a normalisation takes out again: their gradient is 0.
    for (const [path, gradient] of Object.entries(gradients)) {
      expect([path, farthest(result[path] ?? [], gradient, 1e-2)]).toEqual([path, expect.closeTo(0, 4)]);
    }
  });
});
