import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { ConditionValue, DatasetValue, StateValue, WeightsValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { sizeOf } from "@distillery/shared/onnx/graph";
import { mul, reduceSum, reshape } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { sampler } from "../evaluate/sampler";
import { ddim } from "../solver/ddim";
import { guided } from "../solver/guidance";
import { alongOf, contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { alias } from "./alias";
import { average } from "./average";
import { jump } from "./jump";
import { guidanceFeatures } from "./layers/guidanceEmbedding";
import { mlp } from "./mlp";
import { unet } from "./unet";

it("has the features of the released script (PyTorch, float32; methods 1.10)", async () => {
  const stage = newStage(5);
  const w = stage.graph.input("w", "float32", [5]);
  const { e } = await runStage(stage, { e: guidanceFeatures(w) }, { w: [0, 0.5, 3.25, 7.5, 15] });
  expect(e).toHaveLength(5 * 256);
  const expected: Record<number, number[]> = {
    0: [0, -0.46777, 0.99975, -0.85124, 0.89343],
    1: [0, 0.0667, 0.42038, 0.84213, 0.90828],
    63: [0, -0.89055, 0.75615, 0.69637, -0.99955],
    127: [0, 0.04998, 0.31931, 0.68164, 0.99749],
    128: [1, -0.88385, -0.0224, -0.52478, -0.44921],
    200: [1, -0.90378, 0.26363, -0.93904, 0.76358],
    255: [1, 0.99875, 0.94765, 0.73169, 0.07074],
  };
  for (const [column, values] of Object.entries(expected))
    values.forEach((value, row) => {
      // 15000 radians in float32 are known to 1e-3.
      expect(Math.abs((e[256 * row + Number(column)] as number) - value)).toBeLessThan(1.5e-3);
    });
});

const dataset = (sampleShape: number[]): DatasetValue => ({
  id: "data",
  title: "Data",
  sampleShape,
  classes: [],
  open: () => Promise.reject(new Error("not read")),
});

const told = (stage: StageBuilder): ConditionValue => ({
  labels: {},
  tensors: {},
  nullTensors: {},
  guidanceScale: stage.graph.values.get("w") ?? stage.graph.input("w", "float32", [stage.options.batch]),
});

const values = (stage: StageBuilder, projection: number) =>
  Object.fromEntries(
    [...stage.variables].map(([name, { spec }]) => [
      name,
      Array.from({ length: sizeOf(spec.shape) }, (_, i) =>
        name.endsWith("guidance.weight") ? projection * Math.sin(i) : 0.3 * Math.sin(7 * i + name.length),
      ),
    ]),
  );

describe.each([
  ["MLP", mlp, [2], { width: 8, depth: 2 }],
  ["U-Net", unet, [3, 8, 8], { width: 8, multipliers: [1], groups: 4, patch: 2 }],
] as const)("a %s that is told the guidance scale", (_name, node, sampleShape, params) => {
  const build = () => {
    const stage = newStage(2);
    const { weights } = emit(
      node,
      contextOf(stage, "student"),
      { dataset: dataset([...sampleShape]) },
      { ...params, guidanceEmbedding: true },
    ) as { weights: WeightsValue };
    const x = stateInput(stage, stableDiffusion(), [...sampleShape]);
    const { eps } = weights.predict!(x, told(stage));
    return { stage, weights, x, eps };
  };
  const size = sizeOf(sampleShape);
  const feeds = (w: number[]) => ({ x: Array<number>(2 * size).fill(0.4), t: [30, 30], w });

  it("starts as if it were not, and learns the projection", async () => {
    const { stage, eps } = build();
    const name = [...stage.variables.keys()].find((each) => each.endsWith("guidance.weight")) as string;
    const { tensor, spec } = stage.variables.get(name)!;
    expect(spec.init.kind).toBe("zeros");
    const weighted = mul(
      reshape(eps, [-1]),
      eps.graph.constant(
        Array.from({ length: 2 * size }, (_, i) => i + 1),
        [2 * size],
      ),
    );
    const gradient = grad(reduceSum(weighted, { keepdims: false }), [tensor])[0]!;
    const start = await runStage(stage, { eps, gradient }, { ...values(stage, 0), ...feeds([2, 9]) });
    for (let i = 0; i < size; i++) expect(start.eps[i]).toBeCloseTo(start.eps[size + i]!, 6);
    expect(Math.max(...start.gradient.map(Math.abs))).toBeGreaterThan(1e-4);
    const later = await runStage(stage, { eps }, { ...values(stage, 0.5), ...feeds([2, 9]) });
    expect(Math.abs(later.eps[0]! - later.eps[size]!)).toBeGreaterThan(1e-4);
  });

  it("keeps its place for the scale through copies, and refuses to be used without one", () => {
    const { stage, weights, x } = build();
    const copies = [alias, average].map((each) => emit(each, contextOf(stage, each.type), { weights }).weights);
    for (const each of [weights, ...(copies as WeightsValue[])]) {
      expect(each.guidanceEmbedding).toBe(true);
      const context = contextOf(stage, "jump", "Jump");
      expect(() => emit(jump, context, { weights: each, x, s: x.t, condition: undefined })).toThrow(
        /has to be told the guidance scale.*"embedded"/,
      );
      expect(() => emit(jump, context, { weights: each, x, s: x.t, condition: told(stage) })).not.toThrow();
    }
  });
});

/** c = 1 with the class, u = 0 without: x̂₀ and ε̂ are linear in them. */
const teacher = formulaWeights(({ x }, condition) =>
  mul(x, condition?.tensors.class === undefined ? 0 : x.graph.constant([1], [1, 1])),
);

it("tells the student the very scale that the solver's step was guided with, as w", async () => {
  const scales = async (params: Record<string, unknown>) => {
    const stage = newStage(3);
    const x = stateInput(stage, stableDiffusion());
    const condition: ConditionValue = {
      labels: { class: 2 },
      tensors: { class: stage.graph.constant([0, 1, 0], [3], "int64") },
      nullTensors: {},
    };
    const out = emit(ddim, contextOf(stage, "solver"), { weights: teacher, x, condition }, params);
    const { guidanceScale, ...rest } = out.condition as ConditionValue;
    expect(rest).toEqual(condition);
    // Guided eps = c + w c = 1 + w.
    const eps = (out.eps as StateValue).x;
    const result = await runStage(stage, { w: guidanceScale!, eps }, { x: [1, 1, 1], t: [39, 39, 39] });
    for (const [row, w] of result.w.entries()) expect(result.eps[row]).toBeCloseTo(1 + w, 5);
    return result.w;
  };
  expect(await scales({ guidance: "none" })).toEqual([0, 0, 0]);
  expect(await scales({ guidance: "lcm", guidanceScale: 3.5 })).toEqual([3.5, 3.5, 3.5]);
  expect(await scales({ guidance: "imagen", guidanceScale: 3.5 })).toEqual([2.5, 2.5, 2.5]);
  const drawn = await scales({ guidance: "lcm", guidanceScale: 5, guidanceDraw: "uniform", guidanceScaleTo: 15 });
  expect(new Set(drawn).size).toBe(3);
  for (const w of drawn) expect(w >= 5 && w < 15).toBe(true);
});

describe("sampling with the guidance embedded", () => {
  const student: WeightsValue = {
    ...formulaWeights(({ x }, condition) => mul(x, reshape(condition!.guidanceScale!, [-1, 1]))),
    guidanceEmbedding: true,
  };

  it("feeds w = g - 1 to one evaluation", async () => {
    const stage = newStage(2, "sample");
    const x = stateInput(stage, stableDiffusion());
    const params = sampler.params.parse({ guidance: "embedded", guidanceScale: 7 });
    const plan = sampler.sampler!.plan(params, x, contextOf(stage));
    expect(plan.paths[0]?.guidanceScale).toBe(8);
    let evaluations = 0;
    const counted: WeightsValue = {
      ...student,
      predict: (...given) => {
        evaluations++;
        return student.predict!(...given);
      },
    };
    const guidanceScale = stage.graph.input("g", "float32", []);
    const loop = { ...alongOf(stage, 0, 1), s: x.t, carry: {}, guidanceScale };
    const stepped = sampler.sampler!.step({ weights: counted, x } as never, params, contextOf(stage), loop);
    expect(evaluations).toBe(1);
    // To where it is: the state stays, whatever eps; so look at the prediction through another time.
    const { y } = await runStage(stage, { y: stepped.x.x }, { x: [1, 2], t: [39, 39], g: [8] });
    expect(y[0]).toBeCloseTo(1, 5);
    const eps = guided(counted, undefined, { guidance: "embedded", guidanceScale: 7 }, contextOf(stage))(x).eps;
    expect((await runStage(stage, { eps }, { x: [1, 2], t: [39, 39], g: [8] })).eps).toEqual([7, 14]);
  });

  it("refuses a network that was not made for it", () => {
    const stage = newStage(1);
    const x = stateInput(stage, stableDiffusion());
    expect(() => emit(ddim, contextOf(stage), { weights: teacher, x }, { guidance: "embedded" })).toThrow(
      /not made to be told a guidance scale/,
    );
  });
});

describe("starting from another network", () => {
  const base = { width: 8, depth: 2 };
  const student = (stage: StageBuilder, weights: WeightsValue, params: Record<string, unknown> = {}) =>
    emit(
      mlp,
      contextOf(stage, "student", "Student"),
      { dataset: dataset([2]), weights },
      { ...base, guidanceEmbedding: true, ...params },
    ).weights as WeightsValue;
  const network = (stage: StageBuilder, params: Record<string, unknown> = {}) =>
    emit(mlp, contextOf(stage, "teacher", "Teacher"), { dataset: dataset([2]) }, { ...base, ...params })
      .weights as WeightsValue;

  it("takes the weights of the same name and begins the projection anew", () => {
    const stage = newStage(1);
    student(stage, network(stage)).predict!(stateInput(stage, stableDiffusion(), [2]), told(stage));
    const inits = [...stage.variables]
      .filter(([name]) => name.startsWith("student/"))
      .map(([name, { spec }]) => [
        name,
        spec.init.kind === "copy" ? `${spec.init.owner}/${spec.init.path}` : spec.init.kind,
      ]);
    expect(Object.fromEntries(inits)).toEqual({
      "student/in.weight": "teacher/in.weight",
      "student/in.bias": "teacher/in.bias",
      "student/guidance.weight": "zeros",
      "student/hidden.1.weight": "teacher/hidden.1.weight",
      "student/hidden.1.bias": "teacher/hidden.1.bias",
      "student/out.weight": "teacher/out.weight",
      "student/out.bias": "teacher/out.bias",
    });
  });

  it("refuses two beginnings, other layers and closed forms", () => {
    const stage = newStage(1);
    expect(() => student(stage, network(stage), { initFrom: "run:1" })).toThrow(
      /from "Teacher" and from "run:1" at once/,
    );
    const x = stateInput(stage, stableDiffusion(), [2]);
    expect(() => student(stage, network(stage, { width: 16 })).predict!(x, told(stage))).toThrow(
      /"in.weight" has shape \[16, 11\] in "Teacher" and \[8, 11\] here/,
    );
    expect(() =>
      student(
        stage,
        formulaWeights((each) => each.x),
      ).predict!(x, told(stage)),
    ).toThrow(/closed form without weights to start from/);
  });
});
