import type { StageContext } from "@distillery/shared/graph/node";
import type { LossValue, WeightsValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, matMul, mul, reduceMean, square, stopGradient, sub } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage } from "../testing/stage";
import { trainer } from "./trainer";

const X = [
  [1, 2],
  [-0.5, 0.25],
  [3, -1],
];
const Y = [1, 2, -1];

const weightsOf = (owner: string, trainable = true): WeightsValue => ({
  owner,
  title: `Student ${owner}`,
  trainable,
  sampleShape: null,
  parameters: () => {
    throw new Error("not used");
  },
  predict: () => {
    throw new Error("not used");
  },
});

/** mean((X w + b - Y)^2) over the three rows. */
function linearLoss(context: StageContext, view: (parameter: Tensor) => Tensor = (p) => p): LossValue {
  const init = { kind: "zeros" } as const;
  const w = view(context.variable("w", { shape: [2, 1], init, role: "parameter" }));
  const b = view(context.variable("b", { shape: [1], init, role: "parameter" }));
  const prediction = add(matMul(context.graph.constant(X.flat(), [3, 2]), w), b);
  return { value: reduceMean(square(sub(prediction, context.graph.constant(Y, [3, 1]))), { keepdims: false }) };
}

/** The same loss and its gradient in plain numbers. */
function plain([w0, w1, b]: readonly number[]): { loss: number; gradient: number[] } {
  const errors = X.map(
    ([x0, x1], i) =>
      (x0 as number) * (w0 as number) + (x1 as number) * (w1 as number) + (b as number) - (Y[i] as number),
  );
  const along = (pick: (i: number) => number) => (2 / 3) * errors.reduce((sum, error, i) => sum + error * pick(i), 0);
  return {
    loss: errors.reduce((sum, error) => sum + error * error, 0) / 3,
    gradient: [along((i) => X[i]?.[0] as number), along((i) => X[i]?.[1] as number), along(() => 1)],
  };
}

async function oneStep(params: Record<string, unknown>, feeds: Record<string, number[]>, step = 0) {
  const stage = newStage(3);
  const student = contextOf(stage, "student");
  emit(trainer, contextOf(stage, "trainer"), { loss: [linearLoss(student)], weights: weightsOf("student") }, params);
  const value = (name: string) => stage.graph.value(stage.series.find((series) => series.name === name)?.output ?? "");
  const moments = [...stage.variables].flatMap(([name, { spec, next }]) =>
    spec.role === "slot" && next !== undefined ? [[name, next] as const] : [],
  );
  const fetches = {
    ...Object.fromEntries(moments),
    loss: value("loss"),
    gradNorm: value("gradNorm"),
    learningRate: value("learningRate"),
    w: student.next("w"),
    b: student.next("b"),
  };
  const slots = Object.fromEntries(
    [...stage.variables].map(([name, { tensor }]) => [name, Array<number>(tensor.size).fill(0)]),
  );
  return runStage(stage, fetches, { ...slots, ...feeds }, step);
}

describe("train/trainer", () => {
  const start = { "student/w": [0.5, -0.25], "student/b": [0.1] };
  const { loss, gradient } = plain([0.5, -0.25, 0.1]);
  const norm = Math.hypot(...gradient);

  it("makes the step of plain gradient descent, clipped", async () => {
    const params = { optimiser: "sgd", beta1: 0, learningRate: 0.1, clipNorm: 0.5 };
    const result = await oneStep(params, start);
    expect(result.loss[0]).toBeCloseTo(loss, 5);
    expect(result.gradNorm[0]).toBeCloseTo(norm, 5);
    const moved = [0.5, -0.25, 0.1].map((value, i) => value - (0.1 * 0.5 * (gradient[i] as number)) / norm);
    [...result.w, ...result.b].forEach((value, i) => {
      expect(value).toBeCloseTo(moved[i] as number, 5);
    });
  });

  it("makes the second step of AdamW with decay, warm-up and cosine", async () => {
    const [m, v] = [0.3, 0.2];
    const slots = Object.fromEntries(
      ["w", "b"].flatMap((path) =>
        [["m", m] as const, ["v", v] as const].map(([slot, value]) => [
          `trainer/student/${path}:${slot}`,
          Array<number>(path === "w" ? 2 : 1).fill(value),
        ]),
      ),
    );
    const params = { learningRate: 0.01, schedule: "cosine", steps: 11, warmup: 4, weightDecay: 0.1, clipNorm: 0 };
    const result = await oneStep(params, { ...start, ...slots }, 1);
    const lr = 0.01 * (2 / 4) * 1;
    expect(result.learningRate[0]).toBeCloseTo(lr, 7);
    const moved = [0.5, -0.25, 0.1].map((value, i) => {
      const g = gradient[i] as number;
      const m1 = (0.9 * m + 0.1 * g) / (1 - 0.9 ** 2);
      const v1 = (0.999 * v + 0.001 * g * g) / (1 - 0.999 ** 2);
      return value * (1 - lr * 0.1) - (lr * m1) / (Math.sqrt(v1) + 1e-8);
    });
    [...result.w, ...result.b].forEach((value, i) => {
      expect(value).toBeCloseTo(moved[i] as number, 6);
    });
  });

  it("changes nothing before it starts, and counts its updates from there", async () => {
    const params = { learningRate: 0.01, schedule: "cosine", steps: 21, startStep: 10, clipNorm: 0 };
    const slots = (m: number, v: number) =>
      Object.fromEntries(
        ["w", "b"].flatMap((path) =>
          [["m", m] as const, ["v", v] as const].map(([slot, value]) => [
            `trainer/student/${path}:${slot}`,
            Array<number>(path === "w" ? 2 : 1).fill(value),
          ]),
        ),
      );
    const before = await oneStep(params, { ...start, ...slots(0.3, 0.2) }, 9);
    expect([...before.w, ...before.b, ...before.learningRate]).toEqual([0.5, -0.25, Math.fround(0.1), 0]);
    expect(before).toMatchObject({
      "trainer/student/b:m": [Math.fround(0.3)],
      "trainer/student/b:v": [Math.fround(0.2)],
    });
    // At its own step 0 it does what a trainer without a start does in the first step.
    const first = await oneStep(params, start, 10);
    const other = await oneStep({ ...params, steps: 11, startStep: 0 }, start, 0);
    expect(first).toEqual(other);
  });

  it("adds several losses up", async () => {
    const stage = newStage(3);
    const student = contextOf(stage, "student");
    const first = linearLoss(student);
    const second = {
      value: mul(
        square(
          reduceMean(student.variable("b", { shape: [1], init: { kind: "zeros" }, role: "parameter" }), {
            keepdims: false,
          }),
        ),
        2,
      ),
    };
    const context = contextOf(stage, "trainer");
    emit(
      trainer,
      context,
      { loss: [first, second], weights: weightsOf("student") },
      { optimiser: "sgd", beta1: 0, learningRate: 1, clipNorm: 0 },
    );
    const slots = { "student/w": [0, 0], "student/b": [3] };
    const { b } = await runStage(stage, { b: student.next("b") }, slots);
    expect(b[0]).toBeCloseTo(3 - ((plain([0, 0, 3]).gradient[2] as number) + 4 * 3), 4);
  });

  it("moves each of many vectors by its own gradient, and remembers each by itself", async () => {
    const stage = newStage(3);
    const student = contextOf(stage, "student");
    const lengths = Array.from({ length: 9 }, (_, i) => i + 1);
    const value = lengths
      .map((n) => student.variable(`v${n}`, { shape: [n], init: { kind: "zeros" }, role: "parameter" }))
      .map((vector, i) => reduceMean(square(sub(vector, i)), { keepdims: false }))
      .reduce((sum, each) => add(sum, each));
    const params = { optimiser: "sgd", beta1: 0.5, learningRate: 0.1, clipNorm: 0 };
    emit(trainer, contextOf(stage, "trainer"), { loss: [{ value }], weights: weightsOf("student") }, params);
    const feeds = Object.fromEntries(
      lengths.flatMap((n) =>
        [...stage.variables.keys()]
          .filter((name) => name.includes(`student/v${n}`))
          .map((name) => [name, Array<number>(n).fill(name.endsWith(`v${n}`) ? 1 : n)]),
      ),
    );
    const fetches = Object.fromEntries(
      [...stage.variables].flatMap(([name, { next }]) => (next === undefined ? [] : [[name, next]])),
    );
    const result = await runStage(stage, fetches, feeds);
    for (const [i, n] of lengths.entries()) {
      // The momentum was n: m <- m / 2 + g, v <- v - lr m.
      const momentum = n / 2 + (2 * (1 - i)) / n;
      const names = Object.keys(feeds).filter((name) => name.includes(`student/v${n}`));
      expect(names).toHaveLength(2);
      for (const name of names) {
        const expected = name.endsWith(`v${n}`) ? 1 - 0.1 * momentum : momentum;
        expect(result[name]).toHaveLength(n);
        for (const number of result[name] ?? []) expect(number, name).toBeCloseTo(expected, 5);
      }
    }
  });

  it("keeps two trainers apart, and refuses two for the same weights", () => {
    const stage = newStage(3);
    const [one, two] = [contextOf(stage, "one"), contextOf(stage, "two")];
    emit(trainer, contextOf(stage, "t1"), { loss: [linearLoss(one)], weights: weightsOf("one") });
    emit(trainer, contextOf(stage, "t2"), { loss: [linearLoss(two)], weights: weightsOf("two") });
    expect([...stage.variables.values()].filter(({ next }) => next !== undefined)).toHaveLength(2 * (2 + 2 * 2));
    const again = () => emit(trainer, contextOf(stage, "t3"), { loss: [linearLoss(one)], weights: weightsOf("one") });
    expect(again).toThrow('"Student one" is trained by another trainer already');
  });

  it("says what is wrong with its inputs", () => {
    const stage = newStage(3);
    const student = contextOf(stage, "student");
    const loss = [linearLoss(student)];
    const context = contextOf(stage, "trainer");
    expect(() => emit(trainer, context, { loss: [], weights: weightsOf("student") })).toThrow("There is no loss");
    expect(() => emit(trainer, context, { loss, weights: weightsOf("student", false) })).toThrow("cannot be trained");
    expect(() => emit(trainer, context, { loss, weights: weightsOf("other") })).toThrow(
      "does not depend on the weights",
    );
    const cut = [linearLoss(student, stopGradient)];
    expect(() => emit(trainer, context, { loss: cut, weights: weightsOf("student") })).toThrow(
      "does not depend on the weights",
    );
  });
});
