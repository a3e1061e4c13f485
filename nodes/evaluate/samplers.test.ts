/** The Sampler against the same samplers restated in NumPy (solver/fixtures/samplers.py). */
import type { ScheduleValue, StateValue } from "@distillery/shared/graph/wires";
import { add, div, mul } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { perSample } from "../schedule/prediction";
import { alphasCumprodOf, type BetaCurve, betasOf, rescaleZeroTerminalSnr } from "../schedule/tables";
import { scheduleOf } from "../schedule/vp";
import stored from "../solver/fixtures/samplers.json";
import { samplePath } from "../testing/samplerPath";
import { formulaWeights } from "../testing/weights";

const SIZE = 768;
const ramp = Array.from({ length: SIZE }, (_, i) => i / SIZE);
/** Noise that both sides can make: of one step. */
const wave = (step: number) => ramp.map((_, i) => Math.sin(i * (step + 1)));

/** x t / (t + 1). */
const network = formulaWeights(({ x, t }: StateValue) => {
  const at = perSample(t.schedule.timestep(t), x);
  return mul(x, div(at, add(at, 1)));
});

interface Setting {
  readonly curve?: BetaCurve;
  readonly betaStart?: number;
  readonly betaEnd?: number;
  readonly nodes?: number;
  readonly zeroSnr?: boolean;
  readonly kind?: ScheduleValue["predictionType"];
}

function scheduleFor(setting: Setting): ScheduleValue {
  const { curve = "linear", betaStart = 1e-4, betaEnd = 0.02, nodes = 10, zeroSnr, kind = "epsilon" } = setting;
  const table = alphasCumprodOf(betasOf({ curve, timesteps: 1000, betaStart, betaEnd }));
  const alphasCumprod = zeroSnr === true ? rescaleZeroTerminalSnr(table) : table;
  return scheduleOf({ id: "schedule", predictionType: kind, nodes, alphasCumprod });
}

const STABLE: Setting = { curve: "scaled_linear", betaStart: 0.00085, betaEnd: 0.012, nodes: 50 };
const v: Setting = { kind: "v_prediction" };
const leading = { spacing: "leading", nfe: 10 };
const linspace = { spacing: "linspace", nfe: 10 };
const trailing = { spacing: "trailing", nfe: 10 };
const clean = { lastStepToClean: true };
const clipped = { ...leading, ...clean, clipping: "range" };
const euler = { solver: "euler", ...linspace, ...clean };
const heun = { solver: "heun", ...linspace, ...clean, nfe: 19 };
const dpmpp = { solver: "dpmpp-2m", ...linspace, lastStep: "never" };
const unipc = { solver: "unipc", ...linspace };
const karras = { sigmas: "karras" };
const grid = { spacing: "std", eta: 1, nfe: 10 };

const CASES: [keyof typeof stored, Record<string, unknown>, Setting?][] = [
  ["ddim", clipped],
  ["ddim v", clipped, v],
  ["ddim steep", clipped, { betaStart: 0.01 }],
  ["ddim steep to 0", { ...clipped, lastStepToClean: false }, { betaStart: 0.01 }],
  ["ddim eta", { ...leading, ddimEta: 0.5 }],
  ["ddim zero snr", trailing, { ...STABLE, ...v, zeroSnr: true }],
  ["euler", euler],
  ["euler v", euler, v],
  ["euler karras", { ...euler, ...karras }],
  ["euler exponential", { ...euler, sigmas: "exponential" }],
  ["euler leading", { ...euler, ...leading }],
  ["euler ancestral", { ...euler, solver: "euler-ancestral" }],
  ["heun", heun],
  ["heun v", heun, v],
  ["heun karras", { ...heun, ...karras }],
  ["dpmpp", dpmpp],
  ["dpmpp v", dpmpp, v],
  ["dpmpp karras", { ...dpmpp, ...karras }],
  ["dpmpp karras v", { ...dpmpp, ...karras }, v],
  ["dpmpp trailing to clean", { ...dpmpp, ...trailing, ...clean }],
  ["unipc", unipc],
  ["unipc v", unipc, v],
  ["unipc karras", { ...unipc, ...karras }],
  ["unipc karras v", { ...unipc, ...karras }, v],
  ["unipc trailing to clean", { ...unipc, ...trailing, ...clean }],
  ["dpmpp heun", { ...dpmpp, solver: "dpmpp-2m-heun" }],
  ["dpmpp lower", { ...dpmpp, lastStep: "few steps" }],
  ["dpmpp sde", { ...dpmpp, solver: "dpmpp-2m-sde" }],
  ["dpmpp thresholding", { ...dpmpp, clipping: "dynamic", clipQuantile: 0.9, clipRange: 1.2 }],
  ["dpmpp sample", dpmpp, { kind: "sample" }],
  ["unipc predictor", { ...unipc, corrector: false }],
  ["lcm", { solver: "lcm", ...grid }, STABLE],
  ["lcm one", { solver: "lcm", ...grid, nfe: 1 }, STABLE],
  ["tcd", { solver: "tcd", gamma: 0.3, ...grid }, STABLE],
  ["tcd 0", { solver: "tcd", gamma: 0, ...grid }, STABLE],
  ["tdd", { solver: "tcd", gamma: 0.2, order: 2, ...clean, spacing: "list", nfe: 5 }, STABLE],
];

/** What the stored case starts from, as a variance preserving state. */
function startOf(name: string): number[] {
  if (name === "dpmpp thresholding") return ramp.map((value) => 3 * value);
  const isScaled = /^(euler|heun)/.test(name) && name !== "euler leading";
  return isScaled ? ramp.map((value) => value * Math.sqrt(1 - LINEAR_END)) : ramp;
}
/** abar_999 of the linear schedule (methods A.1). */
const LINEAR_END = 4.03583e-5;

describe("samplers as restated in NumPy", () => {
  it.each(CASES)("%s", async (name, given, setting = {}) => {
    const truth = stored[name];
    const { path, states } = await samplePath({
      given,
      schedule: scheduleFor(setting),
      weights: network,
      shape: [1, SIZE],
      x: startOf(name),
      noise: wave,
    });
    expect(path.timesteps.length).toBe(truth.timesteps.length + 1);
    truth.timesteps.forEach((t, i) => {
      expect(path.timesteps[i]).toBeCloseTo(t, 4);
    });
    const last = states.at(-1)!;
    const sum = last.reduce((total, value) => total + Math.abs(value), 0);
    expect(Math.abs(sum / truth.sum - 1)).toBeLessThan(3e-5);
    expect(Math.abs(sum / SIZE / truth.mean - 1)).toBeLessThan(3e-5);
    [1, 400, 767].forEach((i, k) => {
      expect(Math.abs(last[i]! - truth.x[k]!)).toBeLessThan(1e-4 * Math.max(Math.abs(truth.x[k]!), 0.1));
    });
  });

  it("has every stored case", () => {
    expect(CASES.map(([name]) => name).sort()).toEqual(Object.keys(stored).sort());
  });
});
