import type { LossValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { flatten, matMul } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { formulaEncoder } from "../testing/encoders";
import { contextOf, emit, newStage, runStage } from "../testing/stage";
import { reward } from "./reward";

/** Pictures of two pixels. */
const PICTURES = [0.6, 0.8, 3, -4];

async function rewarded(params: Record<string, unknown>, more: Record<string, number[]> = {}, images = PICTURES) {
  const stage = newStage(2);
  const { graph } = stage;
  const x = graph.input("images", "float32", [2, 2, 1, 1]);
  const weights = formulaEncoder((seen) => {
    const flat = flatten(seen);
    const one = matMul(flat, graph.constant([1, 2], [2, 1]));
    return { layers: [], embedding: params.reward === "number" ? one : flat, logits: { class: flat } };
  });
  const reference = { x: graph.input("reference", "float32", [2, 2, 1, 1]) };
  const condition = {
    tensors: { class: graph.input("class", "int64", [2]) },
    nullTensors: {},
    labels: { class: 2 },
  };
  const { loss } = emit(reward, contextOf(stage), { weights, images: { x }, reference, condition }, params) as {
    loss: LossValue;
  };
  const [gradient] = grad(loss.value, [x]);
  const feeds = { images, reference: [1, 0, 0, 2], class: [0, 1], ...more };
  const { value, slope } = await runStage(stage, { value: loss.value, slope: gradient! }, feeds);
  return { value: value[0] as number, slope };
}

describe("loss/reward", () => {
  it("is the mean of what is missing to enough, and leaves alone what has it", async () => {
    // r = x0 + 2 x1: 2.2 and -5; enough is 2, so only the second picture counts.
    const { value, slope } = await rewarded({ reward: "number", enough: 2 });
    expect(value).toBeCloseTo(7 / 2, 5);
    [0, 0, -0.5, -1].forEach((expected, i) => {
      expect(slope[i]).toBeCloseTo(expected, 5);
    });
  });

  it("rewards the cosine with a reference", async () => {
    const { value, slope } = await rewarded({ weight: 2 });
    // cos = 0.6 and -0.8.
    expect(value).toBeCloseTo(0.4 + 1.8, 5);
    // d cos / dx = (ref - cos e) / |x|; the mean halves, the weight doubles.
    [-(1 - 0.36), 0.48, -(0 + 0.8 * 0.6) / 5, -(1 - 0.64) / 5].forEach((expected, i) => {
      expect(slope[i]).toBeCloseTo(expected, 4);
    });
  });

  it("rewards the probability of the wanted class", async () => {
    const { value } = await rewarded({ reward: "class" });
    const p = (own: number, other: number) => 1 / (1 + Math.exp(other - own));
    expect(value).toBeCloseTo((1 - p(0.6, 0.8) + 1 - p(-4, 3)) / 2, 5);
  });

  it("has the gradient of its value", async () => {
    for (const params of [{ reward: "cosine" }, { reward: "class" }]) {
      const { slope } = await rewarded(params);
      for (const i of [0, 1, 2, 3]) {
        const at = async (h: number) =>
          (
            await rewarded(
              params,
              {},
              PICTURES.map((value, j) => (i === j ? value + h : value)),
            )
          ).value;
        expect(slope[i]).toBeCloseTo(((await at(1e-2)) - (await at(-1e-2))) / 2e-2, 3);
      }
    }
  });

  it("says what is missing", () => {
    const stage = newStage(2);
    const images = { x: stage.graph.input("images", "float32", [2, 2, 1, 1]) };
    const weights = formulaEncoder((seen) => ({ layers: [], embedding: flatten(seen) }));
    const run = (params: Record<string, unknown>) => () => emit(reward, contextOf(stage), { weights, images }, params);
    expect(run({})).toThrow("wanted look");
    expect(run({ reward: "number" })).toThrow("not one number");
    expect(run({ reward: "class" })).toThrow("wire the condition");
  });
});
