import type { ImageValue, StateValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { mul, reduceSum } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { coefficients } from "../schedule/prediction";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { ownLabel } from "../time/labels";
import { mixedStart } from "./mixed-start";

const BATCH = 4;
const SHAPE = [2, 1, 1, 2];

function built(params: object, highest = 50) {
  const stage = newStage(BATCH);
  const schedule = stableDiffusion();
  const x = stateInput(stage, schedule, SHAPE, ownLabel("start", "the start", 1, highest));
  const x0 = { x: stage.graph.input("x0", "float32", [BATCH, ...SHAPE]) };
  const scale = stage.graph.input("scale", "float32", []);
  // predX0 = (x - sigma eps) / alpha with eps = scale x.
  const weights = formulaWeights(({ x: state }) => mul(state, scale));
  const mixed = emit(mixedStart, contextOf(stage, "mixed"), { weights, x, x0 }, { ...params });
  return { stage, schedule, x, scale, start: mixed.x as StateValue, clean: (mixed.x0 as ImageValue).x };
}
const numbers = (at: number) => Array.from({ length: BATCH * 4 }, (_, i) => Math.sin(at + 1.7 * i));
const fed = {
  x: numbers(1),
  x0: numbers(2),
  t: [50, 20, 50, 7],
  scale: [0.3],
  "random:mixed.noise": numbers(3),
  "random:mixed.eps": numbers(4),
  "random:mixed.own": [0.2, 0.2, 0.9, 0.9],
};

describe("bank/mixed-start", () => {
  it("takes the student's own sample with the given probability, noised to the row's time; else the data", async () => {
    const { stage, schedule, start, clean, x } = built({ share: 0.5 });
    expect(start.t).toBe(x.t);
    const { alpha, sigma } = coefficients(start.t, start.x);
    const got = await runStage(stage, { start: start.x, clean, alpha, sigma }, fed);
    const last = schedule.alphasCumprod[999] as number;
    const own = numbers(3).map((noise) => ((1 - Math.sqrt(1 - last) * 0.3) / Math.sqrt(last)) * noise);
    for (let i = 0; i < BATCH * 4; i++) {
      const row = Math.floor(i / 4);
      const noised =
        (got.alpha[row] as number) * (own[i] as number) + (got.sigma[row] as number) * (numbers(4)[i] as number);
      const wanted = row === 0 ? numbers(4)[i] : row === 1 ? noised : numbers(1)[i];
      expect(got.start[i]).toBeCloseTo(wanted as number, 4);
      expect(got.clean[i]).toBeCloseTo((row < 2 ? own[i] : numbers(2)[i]) as number, 4);
    }
  });

  it("with no hard swap noises at the last node, too; with a share of 0 it changes nothing", async () => {
    const soft = built({ share: 1, hardSwap: false });
    const { start } = await runStage(soft.stage, { start: soft.start.x }, fed);
    expect(start[0]).not.toBeCloseTo(numbers(4)[0] as number, 6);
    const none = built({ share: 0 });
    const result = await runStage(none.stage, { start: none.start.x, clean: none.clean }, fed);
    expect(result.start).toEqual(Array.from(Float32Array.from(numbers(1))));
    expect(result.clean).toEqual(Array.from(Float32Array.from(numbers(2))));
  });

  it("lets no gradient through its own sample", async () => {
    const { stage, start, scale } = built({ share: 1 });
    const [gradient] = grad(reduceSum(start.x, { keepdims: false }), [scale]);
    expect((await runStage(stage, { gradient: gradient! }, fed)).gradient).toEqual([0]);
  });
});
