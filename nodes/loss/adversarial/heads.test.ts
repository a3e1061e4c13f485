import type { ParameterView } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, mul } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { labelEmbedding } from "../../student/layers/timeEmbedding";
import { farthest } from "../../testing/farthest";
import { contextOf, newStage, runStage } from "../../testing/stage";
import fixture from "../fixtures/adversarial.json";
import { batchNormLocal, makeHead, oddUpTo } from "./head";
import { discriminatorObjective, generatorObjective, OBJECTIVES } from "./objectives";
import { gradientPenalty } from "./penalty";

const batch = fixture.label.length;

/** The heads of the fixture in a stage, on features that are fed. */
function build() {
  const stage = newStage(batch);
  const context = contextOf(stage, "disc");
  const { graph } = stage;
  const parameters: ParameterView = (path, spec) => context.variable(path, { ...spec, role: "parameter" });
  const features = (name: string) =>
    fixture.layers.map(([channels = 0, positions = 0], i) =>
      graph.input(`${name}.${i}`, "float32", [batch, channels, positions]),
    );
  const [fake, real, mixed] = [features("fake"), features("real"), features("mixed")];
  const index = graph.constant(fixture.label, [batch], "int64");
  const embedding = labelEmbedding(parameters, "embedding.class", { index, count: fixture.labels }, fixture.embedding);
  const heads = fake.map((layer, i) => makeHead(parameters, `heads.${i}`, layer, true, fixture.options, context));
  const logits = (layers: readonly Tensor[]) =>
    concat(
      heads.map((head, i) => head(layers[i] as Tensor, embedding)),
      { axis: 1 },
    );
  const feeds: Record<string, number[]> = {};
  for (const [name, { data }] of Object.entries(fixture.parameters)) feeds[`disc/${name}`] = data;
  for (const [name, u] of Object.entries(fixture.uBefore)) feeds[`disc/${name}.u`] = u;
  for (const name of ["fake", "real", "mixed"] as const) {
    fixture[name].forEach((values, i) => {
      feeds[`${name}.${i}`] = values;
    });
  }
  return { stage, context, fake, logits: { fake: logits(fake), real: logits(real) }, logitsOf: logits, mixed, feeds };
}

describe("discriminator heads", () => {
  it("give PyTorch's logits, and its singular vectors after the step", async () => {
    const { stage, context, logits, feeds } = build();
    const next = Object.fromEntries(Object.keys(fixture.uAfter).map((name) => [name, context.next(`${name}.u`)]));
    const fetches: Record<string, Tensor> = { ...next, ...logits };
    const result = await runStage(stage, fetches, feeds);
    expect(farthest(result.fake ?? [], fixture.logits.fake)).toBeLessThan(2e-6);
    expect(farthest(result.real ?? [], fixture.logits.real)).toBeLessThan(2e-6);
    for (const [name, u] of Object.entries(fixture.uAfter)) expect(farthest(result[name] ?? [], u)).toBeLessThan(2e-6);
  });

  it("have the parameters of the fixture and no others", () => {
    const { context } = build();
    const shapes = [...context.parametersOf("disc")].map(([path, { shape }]) => [path, shape.join()]);
    const expected = Object.entries(fixture.parameters).map(([path, { shape }]) => [path, shape.join()]);
    expect(shapes.sort()).toEqual(expected.sort());
  });

  it("give PyTorch's losses, and its gradient at the features", async () => {
    const { stage, logits, fake, feeds } = build();
    const values: Record<string, Tensor> = {};
    for (const kind of OBJECTIVES) {
      values[`d.${kind}`] = discriminatorObjective(kind, logits.real, logits.fake);
      values[`g.${kind}`] = generatorObjective(kind, logits.fake);
    }
    grad(values["g.bce"] as Tensor, fake).forEach((gradient, i) => {
      values[`fake.${i}`] = gradient;
    });
    const result = await runStage(stage, values, feeds);
    for (const kind of OBJECTIVES) {
      expect(result[`d.${kind}`]?.[0]).toBeCloseTo(fixture.discriminator[kind], 5);
      expect(result[`g.${kind}`]?.[0]).toBeCloseTo(fixture.generator[kind], 5);
    }
    fixture.gradients.generatorFake.forEach((expected, i) => {
      expect(farthest(result[`fake.${i}`] ?? [], expected)).toBeLessThan(1e-5);
    });
  });

  it.each(["penalty", "discriminator"] as const)(
    "give PyTorch's gradients of the %s, second order included",
    async (which) => {
      const { stage, context, logits, logitsOf, mixed, feeds } = build();
      const penalty = gradientPenalty(mixed, logitsOf);
      const objective = discriminatorObjective("wgan", logits.real, logits.fake);
      const loss = which === "penalty" ? penalty : add(objective, mul(penalty, fixture.lambda));
      const parameters = [...context.parametersOf("disc")];
      const gradients = grad(
        loss,
        parameters.map(([, tensor]) => tensor),
      );
      const named = Object.fromEntries(parameters.map(([path], i) => [path, gradients[i] as Tensor]));
      const result: Record<string, number[]> = await runStage(stage, { ...named, penalty }, feeds);
      expect(result.penalty?.[0]).toBeCloseTo(fixture.penalty, 4);
      for (const [path, expected] of Object.entries(fixture.gradients[which])) {
        expect([path, farthest(result[path] ?? [], expected)]).toEqual([path, expect.closeTo(0, 4)]);
      }
    },
  );

  it("make the kernel fit the positions", () => {
    expect([oddUpTo(9, 256), oddUpTo(9, 8), oddUpTo(8, 16), oddUpTo(9, 1)]).toEqual([9, 7, 7, 1]);
  });
});

describe("batchNormLocal", () => {
  it("normalises groups of consecutive samples, each channel by itself", async () => {
    const stage = newStage(4);
    const x = stage.graph.input("x", "float32", [4, 1, 2]);
    const [scale, shift] = [stage.graph.constant([2], [1]), stage.graph.constant([1], [1])];
    const { y } = await runStage(stage, { y: batchNormLocal(x, scale, shift, 2) }, { x: [1, 3, 1, 3, 10, 20, 30, 40] });
    // Groups {1 3 1 3}: mean 2, variance 1; {10 20 30 40}: mean 25, variance 125.
    const expected = [-1, 1, -1, 1, ...[-15, -5, 5, 15].map((d) => d / Math.sqrt(125))].map((v) => 2 * v + 1);
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 4);
    });
  });
});
