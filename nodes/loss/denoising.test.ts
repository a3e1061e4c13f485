import { tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { denoising, minSnrWeight } from "./denoising";

const nodes = [5, 30, 39];
const x = [0.4, -1.2, 0.7];
const x0 = [0.5, -0.5, 0.1];

async function lossOf(predictionType: "epsilon" | "sample" | "v_prediction", params = {}) {
  const schedule = { ...stableDiffusion(), predictionType };
  const stage = newStage(3);
  const state = stateInput(stage, schedule, [1]);
  const clean = { x: stage.graph.input("x0", "float32", [3, 1]) };
  const weights = formulaWeights((s) => tanh(s.x));
  const { loss } = emit(denoising, contextOf(stage), { weights, x: state, x0: clean }, params) as {
    loss: { value: typeof clean.x };
  };
  const result = await runStage(stage, { loss: loss.value }, { x, t: nodes, x0 });
  return { loss: result.loss[0]!, abar: nodes.map((n) => schedule.alphasCumprod[schedule.timestepOf(n)]!) };
}

describe("denoising loss", () => {
  it.each(["epsilon", "sample", "v_prediction"] as const)(
    "is the mean square of the network's own error, %s",
    async (type) => {
      for (const weighting of ["none", "min-snr"]) {
        const { loss, abar } = await lossOf(type, { weighting, weight: 2 });
        const terms = nodes.map((_, i) => {
          const [a, s] = [Math.sqrt(abar[i]!), Math.sqrt(1 - abar[i]!)];
          const eps = (x[i]! - a * x0[i]!) / s;
          const target = { epsilon: eps, sample: x0[i]!, v_prediction: a * eps - s * x0[i]! }[type];
          const snr = abar[i]! / (1 - abar[i]!);
          const of = {
            epsilon: Math.min(snr, 5) / snr,
            sample: Math.min(snr, 5),
            v_prediction: Math.min(snr, 5) / (snr + 1),
          };
          return (weighting === "none" ? 1 : of[type]) * (Math.tanh(x[i]!) - target) ** 2;
        });
        expect(loss / ((2 * (terms[0]! + terms[1]! + terms[2]!)) / 3)).toBeCloseTo(1, 4);
      }
    },
  );

  it("gives one weight per sample", () => {
    const stage = newStage(3);
    expect(minSnrWeight(stateInput(stage, stableDiffusion(), [1]), "epsilon", 5).shape).toEqual([3]);
  });

  it("refuses clean samples of another shape, on that socket", () => {
    const stage = newStage(3);
    const inputs = {
      weights: formulaWeights((s) => s.x),
      x: stateInput(stage, stableDiffusion(), [2]),
      x0: { x: stage.graph.input("x0", "float32", [3, 1]) },
    };
    expect(() => emit(denoising, contextOf(stage), inputs)).toThrow(expect.objectContaining({ socket: "x0" }));
  });
});
