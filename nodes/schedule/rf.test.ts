import { atTimesteps } from "@distillery/shared/graph/timesteps";
import type { ScheduleValue, StateValue } from "@distillery/shared/graph/wires";
import { add, div, mul, square, sub } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { jump } from "../student/jump";
import { samplePath } from "../testing/samplerPath";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { fixedLabel } from "../time/labels";
import { noiseTravel } from "../time/noiseTravel";
import { shifted, unshifted } from "./flow";
import { coefficients, predictionFrom, stateAt } from "./prediction";
import { rectifiedFlow } from "./rf";

const flow = (params: Record<string, unknown> = {}) =>
  (emit(rectifiedFlow, contextOf(newStage(1), "rf"), {}, params) as { schedule: ScheduleValue }).schedule;

const at = (schedule: ScheduleValue, x: StateValue, node: number) => ({
  schedule,
  node: x.x.graph.constant([node], [1], "int64"),
  label: fixedLabel(node),
});

describe("rectified flow (methods 1.5)", () => {
  it("shifts levels, and back", () => {
    // 3 sigma / (1 + 2 sigma)
    expect(shifted(0.5, 3)).toBeCloseTo(0.75, 12);
    for (const sigma of [0, 0.001, 0.3, 1]) expect(unshifted(shifted(sigma, 3), 3)).toBeCloseTo(sigma, 12);
    // e^mu / (e^mu + 1 / sigma - 1)
    expect(shifted(0.4, Math.exp(1.15))).toBeCloseTo(Math.exp(1.15) / (Math.exp(1.15) + 1 / 0.4 - 1), 12);
  });

  it("has its nodes at the shifted (nk) / T", () => {
    const schedule = flow({ nodes: 4 });
    expect([0, 1, 2, 3, 4].map((node) => schedule.levelOf(node).sigma)).toEqual(
      [0.001, 0.25, 0.5, 0.75, 1].map((u) => (3 * u) / (1 + 2 * u)),
    );
    expect(schedule.timestepOf(2)).toBeCloseTo(750, 9);
    expect(schedule.levelOf(4).alpha).toBe(0);
    expect(flow({ shift: 0, shiftIs: "exponent", nodes: 4 }).levelOf(2).sigma).toBe(0.5);
    expect(() => flow({ shift: -1 })).toThrow(/no factor/);
    expect(() => flow({ nodes: 48 })).toThrow(/do not divide/);
  });

  it("converts a velocity, and jumps, on one straight line", async () => {
    const stage = newStage(1);
    const schedule = flow({ nodes: 4, shift: 1 });
    const x = stateInput(stage, schedule, [1], fixedLabel(3));
    const prediction = predictionFrom(stage.graph.input("v", "float32", [1, 1]), x);
    const result = await runStage(
      stage,
      { ...prediction, jumped: stateAt(at(schedule, x, 1), prediction) },
      { x: [0.6], t: [3], v: [-1.2] },
    );
    // x0 = x - sigma v, eps = x + (1 - sigma) v, x + (0.25 - 0.75) v
    expect(result.predX0[0]).toBeCloseTo(1.5, 6);
    expect(result.eps[0]).toBeCloseTo(0.3, 6);
    expect(result.jumped[0]).toBeCloseTo(1.2, 6);
  });

  it("travels to more noise, and knows raw timesteps as T sigma", async () => {
    const stage = newStage(1);
    const schedule = flow({ nodes: 4, shift: 1 });
    const x = stateInput(stage, schedule, [1], fixedLabel(1));
    const raw = atTimesteps(schedule);
    const t = { ...at(schedule, x, 500), schedule: raw };
    const noised = noiseTravel(x, t, stage.graph.constant([2], [1, 1]));
    const result = await runStage(stage, { noised: noised.x, time: raw.timestep(t) }, { x: [0.9], t: [1] });
    // r = 0.5 / 0.75, sqrt(0.5^2 - (r / 4)^2)
    expect(result.noised[0]).toBeCloseTo(0.6 + 2 * Math.sqrt(0.25 - (1 / 6) ** 2), 6);
    expect(result.time[0]).toBe(500);
    expect([raw.nodes, raw.levelOf(1000).alpha]).toEqual([1000, 0]);
  });
});

/** Data N(mu, c^2): predX0 = mu + alpha c^2 / v (x - alpha mu), v = alpha^2 c^2 + sigma^2; the velocity is eps - predX0. */
const [MU, C] = [0.4, 0.5];
const gaussian = formulaWeights(({ x, t }: StateValue) => {
  const { alpha, sigma } = coefficients(t, x);
  const variance = add(mul(square(alpha), C ** 2), square(sigma));
  const predX0 = add(mul(div(mul(alpha, C ** 2), variance), sub(x, mul(alpha, MU))), MU);
  return sub(div(sub(x, mul(alpha, predX0)), sigma), predX0);
});

async function walked(given: Record<string, unknown>, params: Record<string, unknown>) {
  const schedule = flow(params);
  const { path, states } = await samplePath({ given, schedule, weights: gaussian, x: [1.3] });
  return { path, states: states.map(([value]) => value!), schedule };
}

describe("sampling rectified flow", () => {
  it("takes the published scheduler's levels", async () => {
    const given = { solver: "euler", spacing: "linspace", nfe: 4, lastStepToClean: true };
    const shift = (sigma: number) => (3 * sigma) / (1 + 2 * sigma);
    const levels = (low: number) => [0, 1, 2, 3].map((i) => 1000 * shift(1 - (i / 3) * (1 - low)));
    for (const [shiftLowestTwice, low] of [
      [false, 0.001],
      [true, shift(0.001)],
    ] as const) {
      const { path } = await walked(given, { shiftLowestTwice });
      levels(low).forEach((t, i) => {
        expect(path.timesteps[i]).toBeCloseTo(t, 8);
      });
      expect(path.timesteps[4]).toBeCloseTo(1000 * shift(0.001), 8);
    }
    expect((await walked({ ...given, spacing: "trailing" }, { shift: 1 })).path.timesteps.slice(0, 4)).toEqual([
      1000, 750, 500, 250,
    ]);
  });

  it("steps by x + (sigma_s - sigma_t) v, and ends at the clean sample", async () => {
    const given = { solver: "euler", spacing: "trailing", nfe: 3, lastStepToClean: true };
    const { path, states } = await walked(given, { shift: 2 });
    const sigmas = [...path.timesteps.slice(0, 3).map((t) => t / 1000), 0];
    let x = 1.3;
    for (let i = 0; i < 3; i++) {
      const [s, a] = [sigmas[i]!, 1 - sigmas[i]!];
      const predX0 = MU + ((a * C ** 2) / (a ** 2 * C ** 2 + s ** 2)) * (x - a * MU);
      x += (sigmas[i + 1]! - s) * ((x - a * predX0) / s - predX0);
      expect(states[i + 1]).toBeCloseTo(x, 5);
    }
    expect((await walked({ ...given, solver: "ddim" }, { shift: 2 })).states[3]).toBeCloseTo(x, 5);
  });

  it.each([
    ["euler", 1],
    ["heun", 2],
    ["dpmpp-2m", 2],
    ["unipc", 2],
  ])("%s is of order %i", async (solver, order) => {
    const error = async (nodes: number) => {
      const { path, states, schedule } = await walked(
        { solver, nfe: solver === "heun" ? 2 * nodes : nodes },
        { nodes, shift: 1 },
      );
      const k = path.timesteps.findIndex((t) => Math.abs(t - 500) < 1e-6);
      const { alpha, sigma } = schedule.levelOf(nodes / 2);
      const exact = alpha * MU + Math.sqrt(alpha ** 2 * C ** 2 + sigma ** 2) * 1.3;
      return Math.abs(states[k]! - exact);
    };
    const [coarse, fine] = [await error(20), await error(40)];
    expect(Math.log2(coarse / fine)).toBeGreaterThan(order - 0.35);
    expect(coarse).toBeLessThan(0.05);
  });

  it("adds fresh noise as (1 - sigma) x0 + sigma z with LCM's sampler", async () => {
    const given = { solver: "lcm", spacing: "trailing", nfe: 2 };
    const schedule = flow({ shift: 1 });
    const { states } = await samplePath({ given, schedule, weights: gaussian, x: [1.3], noise: () => [0.7] });
    // At sigma = 1 the prediction is the mean.
    expect(states[1]![0]).toBeCloseTo(0.5 * MU + 0.5 * 0.7, 5);
  });

  it.each([
    ["euler-ancestral", {}],
    ["ddim", { ddimEta: 1 }],
    ["euler", { churn: 5 }],
  ])("%s %j is refused", async (solver, more) => {
    await expect(walked({ solver, ...more, nfe: 4 }, {})).rejects.toMatchObject({ code: "space-mismatch" });
  });
});

it("states of two spaces do not meet", () => {
  const stage = newStage(1);
  const x = stateInput(stage, flow(), [1], fixedLabel(5));
  const s = { ...at(stableDiffusion(), x, 2) };
  expect(() => emit(jump, contextOf(stage), { weights: gaussian, x, s })).toThrow(
    expect.objectContaining({ code: "space-mismatch" }),
  );
});
