import { readFileSync } from "node:fs";
import type {
  ConditionValue,
  LossValue,
  ParameterView,
  StateValue,
  TimeValue,
  WeightsValue,
} from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, einsum, equal, mul, slice, where } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { mixedStart } from "../bank/mixed-start";
import { perSample, predictionFrom, stateAt } from "../schedule/prediction";
import { ddim } from "../solver/ddim";
import { alias } from "../student/alias";
import { jump } from "../student/jump";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { fixedLabel } from "../time/labels";
import { target } from "../time/target";
import { trainer } from "../train/trainer";
import { consistency } from "./consistency";
import { butterworth } from "./motion/frequencies";
import { motionRepresentation } from "./motion-representation";

const numbers = z.array(z.number());
const parameters = z.record(z.string(), z.object({ shape: z.array(z.number()), values: numbers }));
const fixture = z
  .object({
    representations: z.object({
      shape: z.array(z.number()),
      student: numbers,
      target: numbers,
      distances: z.record(z.string(), z.number()),
      gradientStride: z.number(),
      gradients: z.record(z.string(), numbers),
    }),
    step: z.object({
      theta: numbers,
      phi: numbers,
      head: parameters,
      average: parameters,
      clip: numbers,
      eps: numbers,
      noise: numbers,
      ownEps: numbers,
      node: numbers,
      label: numbers,
      draw: numbers,
      w: numbers,
      loss: z.number(),
      start: numbers,
      next: z.object({ theta: numbers, head: parameters, average: parameters }),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL("./fixtures/motion.json", import.meta.url), "utf8")));

const closeTo = (got: readonly number[] | undefined, wanted: readonly number[], tolerance: number) => {
  const scale = Math.max(...wanted.map(Math.abs), 1e-6);
  const worst = Math.max(...wanted.map((value, i) => Math.abs(value - (got?.[i] ?? Number.NaN))));
  expect(worst / scale).toBeLessThan(tolerance);
};

describe("motion representations", () => {
  const { shape, student: y, target: goal, distances, gradients, gradientStride } = fixture.representations;

  it.each(Object.keys(distances))("%s: distance and gradient as PyTorch has them", async (representation) => {
    const stage = newStage(shape[0] as number);
    const [student, aim] = ["student", "target"].map((suffix) =>
      stateInput(stage, stableDiffusion(), shape.slice(1), fixedLabel(0), suffix),
    ) as [StateValue, StateValue];
    const seen = emit(motionRepresentation, contextOf(stage, "motion"), { student, target: aim }, { representation });
    expect(seen.weights).toBeUndefined();
    const { loss } = emit(consistency, contextOf(stage, "loss"), seen) as { loss: LossValue };
    const [gradient] = grad(loss.value, [student.x]);
    const zeros = Array<number>(shape[0] as number).fill(0);
    const feeds = { xstudent: y, xtarget: goal, tstudent: zeros, ttarget: zeros };
    const result = await runStage(stage, { loss: loss.value, gradient: gradient as Tensor }, feeds);
    closeTo(result.loss, [distances[representation] as number], 1e-5);
    closeTo(
      result.gradient.filter((_, i) => i % gradientStride === 0),
      gradients[representation] as number[],
      2e-4,
    );
  });

  it("filters by a Butterworth mask of order 4 at a quarter of the highest frequency", () => {
    expect(butterworth([0, 0, 0])).toBe(1);
    expect(butterworth([0.25, 0, 0])).toBeCloseTo(0.5, 12);
    expect(butterworth([0.3, 0.4, 0])).toBeCloseTo(1 / (1 + 4 ** 4), 12);
  });

  it("takes clips only", () => {
    const stage = newStage(1);
    const state = stateInput(stage, stableDiffusion(), [3, 4, 4]);
    expect(() => emit(motionRepresentation, contextOf(stage), { student: state, target: state })).toThrow(
      "takes clips [batch, frames, channels, height, width] of at least 2 frames",
    );
  });
});

const CLIP = [3, 2, 4, 4];

/** The network of the fixture: eps = M x + 0.1 (previous frame) + t / 1000 + 0.2 class. */
function smallNetwork(owner: string, parameters: ParameterView, trainable: boolean): WeightsValue {
  return {
    owner,
    title: owner,
    trainable,
    sampleShape: CLIP,
    parameters,
    predict(state, condition, view = parameters) {
      const { x, t } = state;
      const matrix = view("matrix", { shape: [2, 2], init: { kind: "zeros" } });
      const frames = (from: number, to: number) => slice(x, { starts: [from], ends: [to], axes: [1] });
      const before = concat([frames(0, 1), frames(0, 2)], { axis: 1 });
      const label = condition?.tensors.class as Tensor;
      const shift = add(mul(t.schedule.timestep(t), 1e-3), mul(label, 0.2));
      const eps = add(add(einsum("dc,bfchw->bfdhw", matrix, x), mul(before, 0.1)), perSample(shift, x));
      return predictionFrom(eps, state);
    },
  };
}

it("makes one training step of MCM as PyTorch does", async () => {
  const { step } = fixture;
  const stage = newStage(2);
  const node = (id: string) => contextOf(stage, id, id);
  const schedule = stableDiffusion();
  const own = node("student");
  const student = smallNetwork("student", (path, spec) => own.variable(path, { ...spec, role: "parameter" }), true);
  const phi = stage.graph.input("phi", "float32", [2, 2]);
  const teacher = smallNetwork("teacher", () => phi, false);
  const labels = (name: string) => stage.graph.input(name, "float32", [2]);
  const condition: ConditionValue = {
    labels: { class: 2 },
    tensors: { class: labels("class") },
    nullTensors: { class: labels("none") },
  };

  const t: TimeValue = {
    schedule,
    node: stage.graph.input("t", "int64", [2]),
    label: { ...fixedLabel(50), id: "t", min: 1 },
  };
  const clip = stage.graph.input("clip", "float32", [2, ...CLIP]);
  const eps = stage.graph.input("eps", "float32", [2, ...CLIP]);
  const noised = where(perSample(equal(t.node, 50), clip), eps, stateAt(t, { predX0: clip, eps }));
  const begun = emit(mixedStart, node("mixed"), { weights: student, x: { x: noised, t }, x0: { x: clip }, condition });
  const x = begun.x as StateValue;
  const guidance = { guidance: "lcm", guidanceScale: 5, guidanceDraw: "uniform", guidanceScaleTo: 15 };
  const { x: stepped } = emit(ddim, node("ddim"), { weights: teacher, x, condition }, guidance);
  const { s } = emit(target, node("s"), { x: stepped }, { rule: "zero" });
  const { weights: copy } = emit(alias, node("alias"), { weights: student });
  const settings = { parameterisation: "boundary", timestepScaling: 4 };
  const y = emit(jump, node("jump"), { weights: student, x, s, condition }, settings).x;
  const goal = emit(jump, node("goal"), { weights: copy, x: stepped, s, condition }, settings).x;
  const seen = emit(motionRepresentation, node("motion"), { student: y, target: goal }, { representation: "learn" });
  const { loss } = emit(consistency, node("loss"), { student: seen.student, target: seen.target }) as {
    loss: LossValue;
  };
  const sgd = { optimiser: "sgd", beta1: 0, learningRate: 0.05, clipNorm: 0 };
  emit(trainer, node("trainer"), { loss: [loss], weights: student }, sgd);
  emit(trainer, node("headTrainer"), { loss: [loss], weights: seen.weights }, sgd);
  motionRepresentation.absorb?.({} as never, motionRepresentation.params.parse({}), node("motion"));
  expect(stage.warnings).toEqual([]);

  const next = Object.fromEntries(
    [...stage.variables].flatMap(([name, { next: value, spec }]) =>
      value === undefined || spec.role === "slot" ? [] : [[name, value] as const],
    ),
  );
  const feeds: Record<string, readonly number[]> = {
    clip: step.clip,
    eps: step.eps,
    t: step.node,
    class: step.label,
    none: [2, 2],
    phi: step.phi,
    "student/matrix": step.theta,
    "random:mixed.noise": step.noise,
    "random:mixed.eps": step.ownEps,
    "random:mixed.own": step.draw,
    "random:ddim.guidanceScale": step.w,
  };
  for (const [name, { spec }] of stage.variables) {
    if (spec.role === "slot") feeds[name] = Array<number>(sizeOf(spec.shape)).fill(0);
  }
  for (const [path, { values }] of Object.entries(step.head)) feeds[`motion/${path}`] = values;
  for (const [path, { values }] of Object.entries(step.average)) feeds[`motion/average.${path}`] = values;

  const fetches: Readonly<Record<string, Tensor>> = { loss: loss.value, start: x.x, ...next };
  const result = await runStage(stage, fetches, feeds);
  closeTo(result.start, step.start, 1e-5);
  closeTo(result.loss, [step.loss], 1e-5);
  closeTo(result["student/matrix"], step.next.theta, 1e-5);
  for (const [path, { values }] of Object.entries(step.next.head)) closeTo(result[`motion/${path}`], values, 1e-5);
  for (const [path, { values }] of Object.entries(step.next.average))
    closeTo(result[`motion/average.${path}`], values, 1e-5);
  // The step moved something.
  expect(Math.max(...step.next.theta.map((value, i) => Math.abs(value - (step.theta[i] as number))))).toBeGreaterThan(
    1e-3,
  );
});

it("says when the head is trained by nobody", () => {
  const stage = newStage(1);
  const state = stateInput(stage, stableDiffusion(), CLIP);
  const context = contextOf(stage, "motion");
  emit(motionRepresentation, context, { student: state, target: state });
  motionRepresentation.absorb?.({} as never, motionRepresentation.params.parse({}), context);
  expect(stage.warnings).toMatchObject([{ code: "untrained-head", node: "motion" }]);
});
