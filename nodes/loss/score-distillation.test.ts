import type { ImageValue, LossValue, ScheduleValue, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { add, mul, sub } from "@distillery/shared/onnx/ops";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { describe, expect, it } from "vitest";
import { coefficients } from "../schedule/prediction";
import { runDocument } from "../testing/runs.test-helper";
import { contextOf, emit, newStage, runStage, stableDiffusion } from "../testing/stage";
import { stdGraph } from "../testing/stdGraph";
import { formulaWeights } from "../testing/weights";
import { scoreDistillation } from "./score-distillation";

const STD = 0.4;
const BATCH = 16;

/** The exact denoiser of N(mean, STD^2): E[x0 | x] = mean + alpha STD^2 (x - alpha mean) / (alpha^2 STD^2 + sigma^2). */
const gaussian = (mean: number): WeightsValue => {
  const base = formulaWeights(({ x }) => x);
  return {
    ...base,
    predict({ x, t }) {
      const { alpha, sigma } = coefficients(t, x);
      const variance = add(mul(mul(alpha, alpha), STD ** 2), mul(sigma, sigma));
      const gain = mul(mul(alpha, STD ** 2), pow(variance));
      const predX0 = add(mul(gain, sub(x, mul(alpha, mean))), mean);
      return { predX0, eps: sub(x, predX0) };
    },
  };
};
const pow = (x: StateValue["x"]) => x.graph.add("Reciprocal", [x], [{ dtype: "float32", shape: x.shape }])[0]!;

/** The gradient of the student's mean when it makes N(mean, STD^2) and the teacher knows N(0.5, STD^2). */
async function gradientAt(mean: number, node: number, params: Record<string, unknown> = {}) {
  const stage = newStage(BATCH);
  const schedule: ScheduleValue = stableDiffusion();
  const theta = stage.graph.input("theta", "float32", [1]);
  const z = stage.graph.input("z", "float32", [BATCH, 1]);
  const share = (node + 0.5) / 50;
  const { loss, x, x0 } = emit(
    scoreDistillation,
    contextOf(stage),
    { teacher: gaussian(0.5), fake: gaussian(mean), images: { x: add(z, theta) }, schedule },
    { lowest: node / 50, highest: share, weighting: "divergence", ...params },
  ) as { loss: LossValue; x: StateValue; x0: ImageValue };
  const [slope] = grad(loss.value, [theta]);
  const noise = Array.from({ length: BATCH }, (_, i) => STD * Math.sin(7 * i));
  const result = await runStage(
    stage,
    { slope: slope!, noised: x.x, samples: x0.x, node: x.t.node },
    { theta: [mean], z: noise },
  );
  const abar = schedule.alphasCumprod[schedule.timestepOf(node)] as number;
  return { ...result, abar, noise };
}

describe("loss/score-distillation", () => {
  it("has the gradient of the KL divergence between two noised Gaussians", async () => {
    for (const [mean, node] of [
      [0, 10],
      [-1.5, 25],
      [0.9, 48],
    ] as const) {
      const { slope, abar, node: drawn } = await gradientAt(mean, node);
      expect(new Set(drawn)).toEqual(new Set([node]));
      // KL(N(a mean, v) | N(a 0.5, v)) = a^2 (mean - 0.5)^2 / (2 v)
      const variance = abar * STD ** 2 + 1 - abar;
      expect(slope[0]).toBeCloseTo((abar * (mean - 0.5)) / variance, 4);
    }
  });

  it("is zero where the student makes what the teacher knows", async () => {
    expect((await gradientAt(0.5, 20)).slope[0]).toBeCloseTo(0, 6);
    expect((await gradientAt(0.5, 20, { weighting: "dmd" })).slope[0]).toBeCloseTo(0, 6);
  });

  it("weighs as DMD does: the gap of the predictions over the teacher's error, meant over all elements", async () => {
    const mean = -0.3;
    const { slope, noised, samples, abar } = await gradientAt(mean, 30, { weighting: "dmd" });
    const [alpha, variance] = [Math.sqrt(abar), abar * STD ** 2 + 1 - abar];
    const predicted = (m: number, x: number) => m + ((alpha * STD ** 2) / variance) * (x - alpha * m);
    const terms = noised.map((x, i) => {
      const gap = predicted(mean, x) - predicted(0.5, x);
      return gap / Math.abs((samples[i] as number) - predicted(0.5, x));
    });
    expect(slope[0]).toBeCloseTo(terms.reduce((sum, term) => sum + term, 0) / BATCH, 2);
  });

  it("trains student and fake score beside each other, each by its own loss", async () => {
    const wired = {
      "dmd.teacher": "teacher.weights",
      "dmd.fake": "fake.weights",
      "dmd.images": "jump.predX0",
      "dmd.schedule": "schedule.schedule",
      "trainer.loss": "dmd.loss",
      "denoise.weights": "fake.weights",
      "denoise.x": "dmd.x",
      "denoise.x0": "dmd.x0",
      "fakeTrainer.loss": "denoise.loss",
      "fakeTrainer.weights": "fake.weights",
      "fake.dataset": "data.dataset",
    };
    const trainer = { steps: 3, batch: 8, learningRate: 0.01, checkpointEvery: 1 };
    const document = stdGraph(
      {
        trainer,
        student: { width: 8, depth: 1 },
        teacherPath: { nfe: 2, every: 0 },
        studentPath: { nfe: 2, every: 0 },
      },
      wired,
      [
        ["dmd", "loss/score-distillation"],
        ["fake", "student/mlp", { width: 8, depth: 1 }],
        ["denoise", "loss/denoising"],
        ["fakeTrainer", "train/trainer", trainer],
      ],
    );
    const { summary, checkpoints } = await runDocument(document);
    expect(summary.status).toBe("done");
    const at = (step: number) => decodeCheckpoint(checkpoints.get(step) as Uint8Array).variables;
    for (const owner of ["student/", "fake/"]) {
      const moved = Object.keys(at(1)).filter(
        (name) => name.startsWith(owner) && String(at(1)[name]?.data) !== String(at(3)[name]?.data),
      );
      expect(moved.length).toBeGreaterThan(3);
    }
  });
});
