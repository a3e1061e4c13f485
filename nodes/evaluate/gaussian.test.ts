/**
 * Samplers where everything is known: data N(mu, c^2) has predX0 = mu + alpha c^2 / v (x - alpha mu), v = alpha^2 c^2 + sigma^2,
 * and the path x_s = alpha_s mu + sqrt(v_s / v_t) (x_t - alpha_t mu).
 */
import type { StateValue } from "@distillery/shared/graph/wires";
import { add, div, mul, square, sub } from "@distillery/shared/onnx/ops";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { coefficients } from "../schedule/prediction";
import { samplePath } from "../testing/samplerPath";
import { stableDiffusion } from "../testing/stage";
import { formulaWeights } from "../testing/weights";

const MU = 0.4;
const C = 0.5;

/** Puts out eps; the schedule's prediction type is epsilon. */
const gaussian = formulaWeights(({ x, t }: StateValue) => {
  const { alpha, sigma } = coefficients(t, x);
  const v = add(mul(square(alpha), C ** 2), square(sigma));
  const rest = sub(x, mul(alpha, MU));
  const predX0 = add(mul(div(mul(alpha, C ** 2), v), rest), MU);
  return div(sub(x, mul(alpha, predX0)), sigma);
});

const level = (abar: number) => ({ alpha: Math.sqrt(abar), v: abar * C ** 2 + 1 - abar });

/** Distance to the closed form at timestep 499 of a path over all of `nodes` solver nodes. */
async function errorAt499(given: Record<string, unknown>, nodes: number): Promise<number> {
  const schedule = stableDiffusion(nodes);
  const nfe = given.solver === "heun" ? 2 * nodes : nodes;
  const { path, states } = await samplePath({ given: { ...given, nfe }, schedule, weights: gaussian, x: [1.3] });
  const [from, to] = [999, 499].map((t) => level(schedule.alphasCumprod[t]!)) as [Level, Level];
  const exact = to.alpha * MU + Math.sqrt(to.v / from.v) * (1.3 - from.alpha * MU);
  return Math.abs(states[path.timesteps.indexOf(499)]![0]! - exact);
}
type Level = ReturnType<typeof level>;

describe("order of convergence", () => {
  it.each([
    ["ddim", 1],
    ["euler", 1],
    ["heun", 2],
    ["dpmpp-2m", 2],
    ["dpmpp-2m-heun", 2],
    ["unipc", 2],
  ])("%s is of order %i", async (solver, order) => {
    const [coarse, fine] = [await errorAt499({ solver }, 20), await errorAt499({ solver }, 40)];
    const measured = Math.log2(coarse / fine);
    expect(measured).toBeGreaterThan(order - 0.3);
    expect(coarse).toBeLessThan(order === 1 ? 0.05 : 0.01);
  });

  it("UniPC's corrector gains an order of accuracy over its predictor", async () => {
    const [predicted, corrected] = [
      await errorAt499({ solver: "unipc", corrector: false }, 40),
      await errorAt499({ solver: "unipc" }, 40),
    ];
    expect(corrected).toBeLessThan(predicted / 3);
  });
});

describe("samplers with noise end in the data's own distribution", () => {
  it.each([
    ["ddim", { ddimEta: 1 }, 100],
    ["ddim", { ddimEta: 0.5 }, 100],
    ["euler-ancestral", {}, 100],
    // Each step is as if twice as long.
    ["euler", { churn: 10, churnTo: 10 }, 250],
    ["dpmpp-2m-sde", {}, 100],
  ])("%s %j", async (solver, options, steps) => {
    const schedule = stableDiffusion(steps);
    const size = 4000;
    const source = randomStream(1, "start", 0);
    const start = level(schedule.alphasCumprod[999]!);
    const x = Array.from({ length: size }, () => start.alpha * MU + Math.sqrt(start.v) * source.normal());
    const given = { solver, ...options, nfe: steps };
    const { states } = await samplePath({ given, schedule, weights: gaussian, shape: [1, size], x });
    const last = states.at(-1)!;
    const end = level(schedule.alphasCumprod[0]!);
    const mean = last.reduce((sum, value) => sum + value, 0) / size;
    const variance = last.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    // Five standard errors, and what that many steps leave.
    expect(Math.abs(mean - end.alpha * MU)).toBeLessThan((5 * C) / Math.sqrt(size) + 0.01);
    expect(Math.abs(variance / end.v - 1)).toBeLessThan(5 * Math.sqrt(2 / size) + 0.03);
  });
});

describe("solvers that are the same", () => {
  const schedule = stableDiffusion(10);
  const walked = async (given: Record<string, unknown>) =>
    (await samplePath({ given: { nfe: 10, ...given }, schedule, weights: gaussian, x: [1.3] })).states.map(
      ([value]) => value!,
    );
  const alike = (a: number[], b: number[]) => {
    expect(a).toHaveLength(b.length);
    a.forEach((value, i) => {
      expect(value).toBeCloseTo(b[i]!, 5);
    });
  };

  it.each([
    ["Euler in variance-exploding coordinates", { solver: "euler" }],
    ["TCD at gamma 0", { solver: "tcd", gamma: 0 }],
    ["PCM that keeps its noise", { solver: "pcm", keptNoise: 1 }],
  ])("%s is DDIM", async (_, given) => {
    alike(await walked(given), await walked({ solver: "ddim" }));
  });

  it("the first steps of all multistep solvers are DDIM's, and so is a whole path of one step", async () => {
    for (const solver of ["dpmpp-2m", "dpmpp-2m-heun", "unipc"]) {
      alike((await walked({ solver })).slice(0, 2), (await walked({ solver: "ddim" })).slice(0, 2));
      alike(await walked({ solver, nfe: 1 }), await walked({ solver: "ddim", nfe: 1 }));
    }
  });

  it("UniPC's predictor alone is DPM-Solver++ 2M", async () => {
    alike(
      await walked({ solver: "unipc", corrector: false }),
      await walked({ solver: "dpmpp-2m", lastStep: "few steps" }),
    );
  });

  it("all end at the clean prediction of their last state when asked to", async () => {
    for (const solver of ["ddim", "euler", "dpmpp-2m", "unipc", "pcm"]) {
      const states = await walked({ solver, lastStepToClean: true });
      const { alpha, v } = level(schedule.alphasCumprod[99]!);
      const predX0 = MU + ((alpha * C ** 2) / v) * (states.at(-2)! - alpha * MU);
      expect(states.at(-1)).toBeCloseTo(predX0, 5);
    }
  });

  it("the exponential form of the DDIM step is the same step", async () => {
    const [before, after] = await walked({ solver: "ddim" });
    const at = (t: number) => {
      const abar = schedule.alphasCumprod[t]!;
      return { a: Math.sqrt(abar), sig: Math.sqrt((1 - abar) / abar), ...level(abar) };
    };
    const [t, s] = [at(999), at(899)];
    const predX0 = MU + ((t.a * C ** 2) / t.v) * (before! - t.a * MU);
    const eps = (before! - t.a * predX0) / (t.a * t.sig);
    expect(after).toBeCloseTo((s.a / t.a) * before! + s.a * (s.sig - t.sig) * eps, 5);
  });
});
