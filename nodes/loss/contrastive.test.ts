import type { ConditionValue, LossValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { describe, expect, it } from "vitest";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, emit, newStage, runStage } from "../testing/stage";
import { contrastive } from "./contrastive";
import torch from "./fixtures/labels.json";

function build(rows: number, params = {}, labels: ConditionValue["labels"] = { class: 3 }) {
  const stage = newStage(rows);
  const images = stage.graph.input("images", "float32", [rows, 4]);
  const index = stage.graph.input("class", "int64", [rows]);
  const tensors = Object.fromEntries(Object.keys(labels).map((name) => [name, index]));
  const condition: ConditionValue = { labels, tensors, nullTensors: {} };
  const weights = formulaEncoder((x) => ({ layers: [], embedding: x }));
  const inputs = { weights, images: { x: images }, condition };
  const { loss } = emit(contrastive, contextOf(stage), inputs, params) as { loss: LossValue };
  return { stage, images, loss: loss.value };
}

describe("contrastive loss", () => {
  it.each(torch.contrastive)("is equation 2 written out as sums, temperature $temperature, $labels", async (wanted) => {
    const labels = torch[wanted.labels === "lonely" ? "lonely" : "labels"];
    const embeddings = Array.from({ length: labels.length * 4 }, (_, i) => Math.sin(0.3 + 1.7 * i));
    const { stage, loss, images } = build(labels.length, { temperature: wanted.temperature, weight: 0.5 });
    const [gradient] = grad(loss, [images]) as [Tensor];
    const result = await runStage(stage, { loss, gradient }, { images: embeddings, class: labels });
    expect(result.loss[0]).toBeCloseTo(wanted.loss / 2, 4);
    result.gradient.forEach((value, i) => {
      expect(value).toBeCloseTo((wanted.grad[i] as number) / 2, 4);
    });
  });

  it("is 0, not NaN, where no image has a companion, and for embeddings of length 0", async () => {
    const { stage, loss, images } = build(3);
    const [gradient] = grad(loss, [images]) as [Tensor];
    const alone = await runStage(stage, { loss, gradient }, { images: Array(12).fill(1), class: [0, 1, 3] });
    expect(alone.loss).toEqual([0]);
    const empty = build(3);
    const [atZero] = grad(empty.loss, [empty.images]) as [Tensor];
    const zero = await runStage(empty.stage, { atZero }, { images: Array(12).fill(0), class: [0, 0, 1] });
    expect(zero.atZero.every(Number.isFinite)).toBe(true);
  });

  it("refuses single images and conditions without the label", () => {
    expect(() => build(1)).toThrow("train on two or more at once");
    expect(() => build(2, { label: "content" })).toThrow("does not say the content of an image");
  });
});
