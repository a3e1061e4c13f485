/** Whatever acts on a state per sample does to a clip [F, C, H, W] what it does to the same numbers in a row. */
import type { StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, mul, reshape, sin, stopGradient } from "@distillery/shared/onnx/ops";
import { randomStream } from "@distillery/shared/random/philox";
import { expect, it } from "vitest";
import { consistency } from "../loss/consistency";
import { denoising } from "../loss/denoising";
import { perSample } from "../schedule/prediction";
import { ddim } from "../solver/ddim";
import { euler } from "../solver/euler";
import { heun } from "../solver/heun";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel } from "../time/labels";
import { target } from "../time/target";
import { jump } from "./jump";

const CLIP = [3, 2, 4, 2];
const LENGTH = 48;

/** Elementwise in the state, so that its shape cannot matter. */
const network: WeightsValue = formulaWeights(({ x, t }) =>
  add(sin(mul(x, 1.7)), perSample(mul(t.schedule.timestep(t), 2e-3), x)),
);

type Case = (state: StateValue, node: (id: string) => ReturnType<typeof contextOf>) => Tensor;

const jumpTo =
  (params: Readonly<Record<string, unknown>>): Case =>
  (x, node) => {
    const rule = params.parameterisation === "boundary" ? "zero" : "uniform";
    const { s } = emit(target, node("s"), { x }, { rule });
    return (emit(jump, node("jump"), { weights: network, x, s }, params).x as StateValue).x;
  };

const cases: Record<string, Case> = {
  "the ddim jump": jumpTo({}),
  "the edge jump": jumpTo({ parameterisation: "edge" }),
  "the boundary jump": jumpTo({ parameterisation: "boundary", timestepScaling: 4 }),
  "a DDIM step": (x, node) => (emit(ddim, node("ddim"), { weights: network, x }, { nodes: 3 }).x as StateValue).x,
  "an Euler step": (x, node) => (emit(euler, node("euler"), { weights: network, x }).x as StateValue).x,
  "a Heun step": (x, node) => (emit(heun, node("heun"), { weights: network, x }).x as StateValue).x,
  "the pseudo-Huber distance": (x, node) =>
    (emit(consistency, node("loss"), { student: x, target: { x: mul(x.x, 0.7), t: x.t } }).loss as { value: Tensor })
      .value,
  "the denoising loss": (x, node) =>
    (
      emit(
        denoising,
        node("loss"),
        { weights: network, x, x0: { x: stopGradient(mul(x.x, 0.3)) } },
        { weighting: "min-snr" },
      ).loss as { value: Tensor }
    ).value,
};

async function numbersOf(make: Case, shape: readonly number[], seed: number): Promise<number[]> {
  const stage = newStage(3);
  const state = stateInput(stage, stableDiffusion(50, "v_prediction"), shape, { ...fixedLabel(45), min: 3 });
  const random = randomStream(seed, "state", 0);
  const x = Array.from({ length: 3 * LENGTH }, () => random.normal());
  const t = Array.from({ length: 3 }, () => 3 + random.integer(42));
  const made = make(state, (id) => contextOf(stage, id));
  return (await runStage(stage, { made: reshape(made, [made.size]) }, { x, t })).made;
}

it.each(Object.keys(cases))("%s sees a clip as the row of its numbers", async (name) => {
  for (let seed = 0; seed < 3; seed++) {
    const clip = await numbersOf(cases[name] as Case, CLIP, seed);
    expect(clip).toEqual(await numbersOf(cases[name] as Case, [LENGTH], seed));
    expect(clip.some((value) => value !== 0)).toBe(true);
  }
});
