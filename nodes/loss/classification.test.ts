import type { ConditionValue, FeaturesValue, LossValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { mul } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, emit, newStage, runStage } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { classification } from "./classification";
import torch from "./fixtures/labels.json";

const rows = torch.labels.length;
const scores = Array.from({ length: rows * 3 }, (_, i) => Math.sin(0.3 + 1.7 * i));

/** The images are the scores: [B, 3] of "class", and their negatives of "content". */
function build(params = {}, count = 3, heads: readonly string[] = ["class"]) {
  const stage = newStage(rows);
  const images = stage.graph.input("images", "float32", [rows, 3]);
  const index = stage.graph.input("class", "int64", [rows]);
  const condition: ConditionValue = {
    labels: { class: count, content: 3 },
    tensors: { class: index, content: index },
    nullTensors: {},
  };
  const weights = formulaEncoder((x): FeaturesValue => {
    const logits: Record<string, Tensor> = { class: x, content: mul(x, -1) };
    return {
      layers: [],
      embedding: x,
      logits: Object.fromEntries(heads.map((name) => [name, logits[name] as Tensor])),
    };
  });
  const outputs = emit(classification, contextOf(stage), { weights, images: { x: images }, condition }, params);
  return { stage, images, outputs, loss: (outputs.loss as LossValue).value };
}

const feeds = { images: scores, class: torch.labels };

describe("classification loss", () => {
  it.each(torch.crossEntropy)(
    "is PyTorch's cross entropy, smoothing $smoothing, unknown labels left out",
    async (wanted) => {
      const { stage, loss, images } = build({ smoothing: wanted.smoothing, weight: 2 });
      const [gradient] = grad(loss, [images]) as [Tensor];
      const result = await runStage(stage, { loss, gradient }, feeds);
      expect(result.loss[0]).toBeCloseTo(2 * wanted.loss, 5);
      result.gradient.forEach((value, i) => {
        expect(value).toBeCloseTo(2 * (wanted.grad[i] as number), 6);
      });
    },
  );

  it("records the share told rightly, by head, and adds the heads up", async () => {
    const { stage, outputs, loss } = build({}, 3, ["class", "content"]);
    expect(stage.series.map(({ name }) => name)).toEqual(["classAccuracy", "contentAccuracy"]);
    expect(outputs.content).toEqual({ node: "node", series: "contentAccuracy", title: "Content told rightly" });
    const fetches = Object.fromEntries(stage.series.map(({ name, output }) => [name, stage.graph.value(output)]));
    const result = await runStage(stage, { ...fetches, loss }, feeds);
    const best = (row: number, sign: number) => {
      const own = scores.slice(3 * row, 3 * row + 3).map((value) => sign * value);
      return own.indexOf(Math.max(...own));
    };
    const known = torch.labels.flatMap((label, row) => (label === 3 ? [] : [{ label, row }]));
    const share = (sign: number) => known.filter(({ label, row }) => best(row, sign) === label).length / known.length;
    expect((result as Record<string, number[]>).classAccuracy?.[0]).toBeCloseTo(share(1), 6);
    expect((result as Record<string, number[]>).contentAccuracy?.[0]).toBeCloseTo(share(-1), 6);
    const alone = await Promise.all(
      ["class", "content"].map(async (name) => {
        const one = build({ labels: [name] }, 3, ["class", "content"]);
        return (await runStage(one.stage, { loss: one.loss }, feeds)).loss[0] as number;
      }),
    );
    expect(result.loss[0]).toBeCloseTo((alone[0] as number) + (alone[1] as number), 5);
  });

  it("is 0, not NaN, when every label is unknown", async () => {
    const { stage, loss } = build();
    expect((await runStage(stage, { loss }, { ...feeds, class: Array(rows).fill(3) })).loss).toEqual([0]);
  });

  it("refuses networks without the head, without features, and another number of classes", () => {
    expect(() => build({}, 3, [])).toThrow('"Encoder" has no head for any label');
    expect(() => build({ labels: ["content"] })).toThrow('"Encoder" has no head for "content"');
    expect(() => build({}, 4)).toThrow('tells 3 values of "class", the condition has 4');
    const stage = newStage(2);
    const images = { x: stage.graph.input("images", "float32", [2, 3]) };
    const condition: ConditionValue = { labels: {}, tensors: {}, nullTensors: {} };
    const inputs = { weights: formulaWeights(({ x }) => x), images, condition };
    expect(() => emit(classification, contextOf(stage), inputs)).toThrow("is no encoder");
  });
});
