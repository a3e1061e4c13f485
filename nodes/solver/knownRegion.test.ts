import type { StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { alongOf, contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel, ownLabel } from "../time/labels";
import { ddimSolver } from "./ddim";
import { dpmppSolver } from "./dpmpp";
import { eulerSolver } from "./euler";
import { heunSolver } from "./heun";
import { inpaint } from "./inpaint";
import { blendOnPath, blendPrediction, type KnownRegion, knownRegion } from "./knownRegion";
import type { Carry, OdeSolver } from "./solver";

/** Four nodes: timesteps 0, 249, 499, 749, 999; the toy model acts on each pixel alone. */
const schedule = stableDiffusion(4);
const toy = formulaWeights((state) => tanh(state.x));
/** Two pixels: the first is known (0.6 in the picture), the second generated from x = 1. */
const Z0 = 0.6;
const EPS = -0.8;
const abar = (node: number) => schedule.alphasCumprod[schedule.timestepOf(node)]!;
const knownPath = (node: number) => Math.sqrt(abar(node)) * Z0 + Math.sqrt(1 - abar(node)) * EPS;

function newPath() {
  const stage = newStage(1);
  const start = stateInput(stage, schedule, [1, 1, 2], fixedLabel(4));
  const image = (values: number[]) => ({ x: stage.graph.constant(values, [1, 1, 1, 2]) });
  const region = knownRegion(image([Z0, -1]), image([0, 1]), start.x, contextOf(stage)) as KnownRegion;
  const at = (node: number): TimeValue => ({
    schedule,
    node: stage.graph.constant([node], [1], "int64"),
    label: fixedLabel(node),
  });
  const run = (states: Record<string, Tensor>) => runStage(stage, states, { x: [knownPath(4), 1], t: [4] });
  return { stage, start, region, at, run };
}

async function walk(solver: OdeSolver): Promise<{ known: number; generated: number }[]> {
  const { stage, start, region, at, run } = newPath();
  let x = start;
  let carry: Carry = Object.fromEntries(
    Object.entries(solver.carry([1, 1, 2])).map(([name, shape]) => {
      const full = [1, ...shape];
      return [name, stage.graph.constant(Array<number>(full.reduce((a, b) => a * b, 1)).fill(0), full)];
    }),
  );
  const states: Record<string, Tensor> = {};
  for (const node of [3, 2, 1, 0]) {
    const stepped = solver.step((state) => toy.predict!(state, null), x, at(node), carry, alongOf(stage, 3 - node, 4));
    x = blendOnPath(stepped.x, x, region);
    carry = stepped.carry;
    states[node] = x.x;
  }
  const result = await run(states);
  return [3, 2, 1, 0].map((node) => ({ known: result[node]![0]!, generated: result[node]![1]! }));
}

describe("blending after every step (methods 7.2)", () => {
  it.each([
    ["DDIM", ddimSolver, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    ["Euler", eulerSolver, [1.57694269, 2.29763657, 2.84278313, 2.79828362]],
    ["Heun", heunSolver, [1.38078227, 1.86189531, 2.17534992]],
    ["DPM-Solver++ 2M", dpmppSolver("midpoint"), [1.57694269, 2.22351911, 2.67941546]],
  ] as const)(
    "%s keeps the known pixel on one straight path and steps the other as ever",
    async (_, solver, expected) => {
      const path = await walk(solver);
      [3, 2, 1].forEach((node, i) => {
        expect(path[i]!.known).toBeCloseTo(knownPath(node), 5);
      });
      expect(path[3]!.known).toBeCloseTo(Z0, 7);
      expected.forEach((value, i) => {
        expect(Math.abs(path[i]!.generated - value)).toBeLessThan(5e-6);
      });
    },
  );

  it("equals blending the prediction, for DDIM with one fixed eps", async () => {
    const { start, region, at, run } = newPath();
    const states: Record<string, Tensor> = {};
    let [after, before] = [start, start];
    const predict = (state: StateValue) => toy.predict!(state, null);
    for (const node of [3, 2, 1]) {
      after = blendOnPath(ddimSolver.step(predict, after, at(node), {}).x, after, region);
      before = ddimSolver.step((x) => blendPrediction(predict(x), x, region), before, at(node), {}).x;
      states[`after${node}`] = after.x;
      states[`before${node}`] = before.x;
    }
    const result = await run(states);
    for (const node of [3, 2, 1]) {
      result[`after${node}`]!.forEach((value, pixel) => {
        expect(result[`before${node}`]![pixel]).toBeCloseTo(value, 5);
      });
    }
  });
});

describe("solver/inpaint", () => {
  const build = (inputs: (stage: ReturnType<typeof newStage>) => Record<string, unknown>) => {
    const stage = newStage(2);
    const from = stateInput(stage, stableDiffusion(), [3, 2, 2], ownLabel("bank", "the bank's time", 3, 39));
    const to = { node: stage.graph.input("s", "int64", [2]), label: fixedLabel(2), schedule: from.t.schedule };
    const x = { x: stage.graph.input("stepped", "float32", [2, 3, 2, 2]), t: to };
    const given = { x, from, ...inputs(stage) };
    return { stage, out: () => emit(inpaint, contextOf(stage), given).x as StateValue };
  };
  const image = (stage: ReturnType<typeof newStage>, name: string, shape: number[]) => ({
    x: stage.graph.input(name, "float32", shape),
  });

  it("puts the noised picture back where the mask is 0, row by row, at the solver's own time", async () => {
    const { stage, out } = build((graph) => ({
      known: image(graph, "known", [2, 3, 2, 2]),
      mask: image(graph, "mask", [2, 1, 2, 2]),
    }));
    const state = out();
    expect(state.t.label.id).toBe(fixedLabel(2).id);
    const known = Array.from({ length: 24 }, (_, i) => Math.sin(i));
    const eps = Array.from({ length: 24 }, (_, i) => Math.cos(3 * i));
    const times = [39, 3];
    const { alphasCumprod, timestepOf } = state.t.schedule;
    const noised = (node: number, i: number) => {
      const a = alphasCumprod[timestepOf(node)]!;
      return Math.sqrt(a) * known[i]! + Math.sqrt(1 - a) * eps[i]!;
    };
    const { x } = await runStage(
      stage,
      { x: state.x },
      {
        x: known.map((_, i) => noised(times[Math.floor(i / 12)]!, i)),
        t: times,
        s: [2, 2],
        stepped: known.map((_, i) => 100 + i),
        known,
        mask: [0, 1, 0, 1, 1, 1, 1, 0],
      },
    );
    const mask = [0, 1, 0, 1, 1, 1, 1, 0];
    x.forEach((value, i) => {
      const isNew = mask[Math.floor(i / 12) * 4 + (i % 4)] === 1;
      expect(value).toBeCloseTo(isNew ? 100 + i : noised(2, i), 4);
    });
  });

  it("takes a mask of pixels for latents: every so many-th of them", async () => {
    const { stage, out } = build((graph) => ({
      known: image(graph, "known", [2, 3, 2, 2]),
      mask: image(graph, "mask", [2, 1, 4, 4]),
    }));
    const zeros = Array<number>(24).fill(0);
    // Rows of 4 pixels: the first of every square of two counts.
    const mask = [1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0];
    const feeds = {
      x: zeros,
      known: zeros,
      t: [39, 39],
      s: [2, 2],
      stepped: zeros.map(() => 1),
      mask: [...mask, ...mask],
    };
    const { x } = await runStage(stage, { x: out().x }, feeds);
    expect(x).toEqual(Array.from({ length: 6 }, () => [1, 0, 0, 1]).flat());
  });

  it("says what does not fit", () => {
    const fitting = (stage: ReturnType<typeof newStage>) => image(stage, "known", [2, 3, 2, 2]);
    expect(build((s) => ({ known: fitting(s), mask: image(s, "mask", [2, 3, 2, 2]) })).out).toThrow(
      /a mask for the state \[2, 3, 2, 2\] has shape \[2, 1, 2, 2\]/,
    );
    expect(
      build((s) => ({ known: image(s, "known", [2, 1, 2, 2]), mask: image(s, "mask", [2, 1, 2, 2]) })).out,
    ).toThrow(/known picture has shape \[2, 1, 2, 2\].*\[2, 3, 2, 2\]/);
    expect(build((s) => ({ mask: image(s, "mask", [2, 1, 2, 2]) })).out).toThrow(/only mask is wired. Wire known, too/);
  });
});
