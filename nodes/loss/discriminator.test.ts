import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { FeaturesValue, WeightsValue, WireType, WireValues } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, matMul, mul, reduceMean, reshape, tanh } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { formulaWeights } from "../testing/weights";
import { penaltyWeight } from "./adversarial/penalty";
import { discriminator } from "./discriminator";

const BATCH = 4;
const IMAGE = [1, 4, 4];
const SIZE = 16;

/** Two layers of made-up features: [B, 2, 8] and [B, 4, 4]. */
function extract(images: Tensor): FeaturesValue {
  const flat = reshape(images, [-1, SIZE]);
  const pattern = (k: number) =>
    images.graph.constant(
      Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(k * i + k)),
      [SIZE, SIZE],
    );
  const first = tanh(matMul(flat, pattern(1.3)));
  const second = tanh(matMul(first, pattern(0.7)));
  return {
    layers: [reshape(first, [-1, 2, 8]), reshape(second, [-1, 4, 4])],
    embedding: reduceMean(reshape(second, [-1, 4, 4]), { axes: [2], keepdims: false }),
  };
}
const encoder: WeightsValue = { ...formulaWeights((s) => s.x), title: "Features", extract };

type Outputs = Record<string, WireValues[WireType] | undefined>;
const lossOf = (outputs: Outputs, name: string) => (outputs[name] as { value: Tensor }).value;
const wave = (count: number, k: number) => Array.from({ length: count }, (_, i) => Math.sin(k * (i + 1)));

/** The discriminator on a student's state that `fake` makes. */
function build(fake: (stage: StageBuilder) => Tensor, params: Record<string, unknown> = {}, batch = BATCH) {
  const stage = newStage(batch);
  const { graph } = stage;
  const { t } = stateInput(stage, stableDiffusion(), [1]);
  const real = { x: graph.input("real", "float32", [batch, ...IMAGE]) };
  const index = graph.input("class", "int64", [batch]);
  const condition = { tensors: { class: index }, nullTensors: {}, labels: { class: 3 } };
  const context = contextOf(stage, "disc", "Discriminator");
  const inputs = { weights: encoder, fake: { x: fake(stage), t }, real, condition };
  const settings = { projection: 5, embedding: 4, penaltyWeight: 0.1, virtualBatch: 2, ...params };
  const outputs: Outputs = emit(discriminator, context, inputs, settings);
  const feeds: Record<string, number[]> = {
    real: wave(batch * SIZE, 0.9),
    class: Array.from({ length: batch }, (_, i) => i % 4),
    x: wave(batch, 1),
    t: Array<number>(batch).fill(20),
  };
  return { stage, context, outputs, feeds };
}

/** Values of all parameters and singular vectors, the same in every stage. */
function variables(stage: StageBuilder): Record<string, number[]> {
  const all = [...stage.variables].map(([name, { tensor, spec }], i): [string, number[]] => {
    if (spec.init.kind === "normal" && spec.init.std === 0) return [name, [spec.init.mean ?? 0]];
    return [name, wave(tensor.size, 1.1 + 0.37 * (i % 7))];
  });
  return Object.fromEntries(all);
}

/** A student with two parameters: fake = input * w + b, each of image size. */
function student(stage: StageBuilder): { fake: Tensor; parameters: Tensor[] } {
  const context = contextOf(stage, "student");
  const init = { kind: "zeros" } as const;
  const input = stage.graph.input("given", "float32", [BATCH, ...IMAGE]);
  const [w, b] = ["w", "b"].map((path) => context.variable(path, { shape: IMAGE, init, role: "parameter" }));
  return { fake: add(mul(input, w as Tensor), b as Tensor), parameters: [w as Tensor, b as Tensor] };
}
const given = wave(BATCH * SIZE, 0.31);
const [w, b] = [wave(SIZE, 2.1), wave(SIZE, 1.7)];

describe("loss/discriminator", () => {
  it("gives both trainers the gradients of two separate passes", async () => {
    // One pass: both losses on the student's own graph.
    let parameters: Tensor[] = [];
    const fused = build((stage) => {
      const made = student(stage);
      parameters = made.parameters;
      return made.fake;
    });
    const heads = [...fused.context.parametersOf("disc")];
    const tensors = heads.map(([, tensor]) => tensor);
    const values = variables(fused.stage);
    const feeds = { ...values, ...fused.feeds, given, "student/w": w, "student/b": b };
    const together = await runStage(
      fused.stage,
      named([
        ["student", grad(lossOf(fused.outputs, "generatorLoss"), parameters)],
        ["heads", grad(lossOf(fused.outputs, "discriminatorLoss"), tensors)],
      ]),
      feeds,
    );

    // The reference: the student's step alone, then the discriminator on pictures it is handed as plain numbers.
    let own: Tensor[] = [];
    const first = build((stage) => {
      const made = student(stage);
      own = made.parameters;
      return made.fake;
    });
    const generator = grad(lossOf(first.outputs, "generatorLoss"), own);
    const alone = await runStage(first.stage, named([["student", generator]]), feeds);
    const detached = given.map((value, i) => value * (w[i % SIZE] as number) + (b[i % SIZE] as number));
    const second = build((stage) => stage.graph.input("detached", "float32", [BATCH, ...IMAGE]));
    const secondHeads = [...second.context.parametersOf("disc")].map(([, tensor]) => tensor);
    const later = await runStage(
      second.stage,
      named([["heads", grad(lossOf(second.outputs, "discriminatorLoss"), secondHeads)]]),
      { ...values, ...second.feeds, detached },
    );

    const expected: Record<string, number[]> = { ...alone, ...later };
    expect(Object.keys(together).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, gradient] of Object.entries(expected)) {
      const size = Math.max(...gradient.map(Math.abs));
      gradient.forEach((value, i) => {
        expect(Math.abs((together[name]?.[i] as number) - value), name).toBeLessThan(1e-5 * size + 1e-9);
      });
    }
    // Neither is zero, or the comparison would say nothing.
    for (const name of ["student.0", "student.1"]) expect(Math.max(...(together[name] ?? []))).toBeGreaterThan(1e-4);
    expect(Math.max(...(together["heads.1"] ?? []).map(Math.abs))).toBeGreaterThan(1e-4);
  });

  it("asks nothing of the student before the start step", async () => {
    const { stage, outputs, feeds } = build((s) => s.graph.input("fake", "float32", [BATCH, ...IMAGE]), {
      startStep: 5,
    });
    const fetches = { g: lossOf(outputs, "generatorLoss"), d: lossOf(outputs, "discriminatorLoss") };
    const all = { ...variables(stage), ...feeds, fake: given };
    const before = await runStage(stage, fetches, all, 4);
    const after = await runStage(stage, fetches, all, 5);
    expect(Math.abs(before.g[0] as number)).toBe(0);
    expect(Math.abs(before.d[0] as number)).toBeGreaterThan(0.01);
    expect(Math.abs(after.g[0] as number)).toBeGreaterThan(0.001);
  });

  it("shows what it sees, and draws fakes and real images apart", async () => {
    const { stage, outputs, feeds } = build((s) => s.graph.input("fake", "float32", [BATCH, ...IMAGE]));
    const seen = { fake: (outputs.seenFake as { x: Tensor }).x, real: (outputs.seenReal as { x: Tensor }).x };
    expect(seen.fake.shape).toEqual([BATCH, ...IMAGE]);
    const same = { ...variables(stage), ...feeds, fake: feeds.real as number[] };
    const result = await runStage(stage, seen, same);
    expect(result.fake).not.toEqual(result.real);
    expect(stage.randoms.filter(({ stream }) => stream.includes("brightness")).map(({ stream }) => stream)).toEqual([
      "disc.fake.brightness",
      "disc.real.brightness",
    ]);
  });

  it("leaves the penalty out at weight 0, and the projection without a condition", () => {
    const { stage, outputs, context } = build((s) => s.graph.input("fake", "float32", [BATCH, ...IMAGE]), {
      penaltyWeight: 0,
    });
    expect([outputs.penalty, outputs.penaltyWeight]).toEqual([undefined, undefined]);
    expect(stage.variables.has("disc/penalty.weight")).toBe(false);
    expect(context.parametersOf("disc").has("embedding.class.weight")).toBe(true);

    const plain = newStage(BATCH);
    const state = stateInput(plain, stableDiffusion(), IMAGE);
    const other = contextOf(plain, "disc");
    emit(discriminator, other, { weights: encoder, fake: state, real: { x: state.x } });
    const paths = [...other.parametersOf("disc").keys()];
    expect(paths.some((path) => path.includes("map") || path.includes("embedding"))).toBe(false);
    expect(other.parametersOf("disc").get("heads.1.cls.weight")?.shape).toEqual([1, 4, 1]);
  });

  it("refuses what it cannot look at", () => {
    const stage = newStage(BATCH);
    let count = 0;
    const images = stateInput(stage, stableDiffusion(), IMAGE);
    const real = { x: stage.graph.input("real", "float32", [BATCH, ...IMAGE]) };
    const attempt = (inputs: Record<string, unknown>, params = {}) =>
      emit(
        discriminator,
        contextOf(stage, `disc${count++}`),
        { weights: encoder, fake: images, real, ...inputs },
        params,
      );
    const points = stateInput(stage, stableDiffusion(), [2], images.t.label, "Points");
    expect(() => attempt({ fake: points })).toThrow("a discriminator looks at images");
    expect(() => attempt({ real: { x: stage.graph.input("big", "float32", [BATCH, 1, 8, 8]) } })).toThrow(
      expect.objectContaining({ socket: "real" }),
    );
    expect(() => attempt({ weights: formulaWeights((s) => s.x) })).toThrow("is no encoder");
    const blind = { ...encoder, extract: (x: Tensor) => ({ ...extract(x), layers: [] }) };
    expect(() => attempt({ weights: blind })).toThrow("has no hooked layers");
    expect(() => attempt({}, { virtualBatch: 3 })).not.toThrow();
    expect(() => attempt({}, { mode: "x0" })).toThrow(expect.objectContaining({ socket: "predX0" }));
    const condition = {
      tensors: { class: stage.graph.input("class", "int64", [BATCH]) },
      nullTensors: {},
      labels: { class: 3 },
    };
    expect(() => attempt({ realCondition: condition })).toThrow("wire both");
    const nine = newStage(9);
    const state = stateInput(nine, stableDiffusion(), IMAGE);
    expect(() => emit(discriminator, contextOf(nine), { weights: encoder, fake: state, real: { x: state.x } })).toThrow(
      "a batch of 9 does not split into 2 equal virtual batches of at most 8; choose a batch of 8 or 16.",
    );
  });
});

describe("the penalty's weight", () => {
  it.each([
    ["grows after 500 steps at a penalty of 100", 501, 100, 0, [5e-5, 501]],
    ["waits longer than 500 steps", 500, 1000, 0, [1e-5, 0]],
    ["counts from the last change", 900, 1000, 400, [1e-5, 400]],
    ["stays at a small penalty", 5000, 99.9, 0, [1e-5, 0]],
  ])("%s", async (_what, step, penalty, changedAt, expected) => {
    const stage = newStage(1);
    const context = contextOf(stage, "disc");
    const now = penaltyWeight(1e-5, true, stage.graph.input("penalty", "float32", []), context);
    const fetches = { now, next: context.next("penalty.weight"), at: context.next("penalty.changedAt") };
    const feeds = { penalty: [penalty], "disc/penalty.weight": [1e-5], "disc/penalty.changedAt": [changedAt] };
    const result = await runStage(stage, fetches, feeds, step);
    expect(result.now[0]).toBeCloseTo(1e-5, 9);
    expect(result.next[0]).toBeCloseTo(expected[0] as number, 9);
    expect(result.at).toEqual([expected[1]]);
  });

  it("is the given one in the first step", () => {
    const stage = newStage(1);
    penaltyWeight(0.25, true, stage.graph.input("penalty", "float32", []), contextOf(stage, "disc"));
    expect(stage.variables.get("disc/penalty.weight")?.spec).toMatchObject({
      role: "slot",
      init: { kind: "normal", std: 0, mean: 0.25 },
    });
  });
});

/** `name.0`, `name.1`, ... for lists of tensors. */
const named = (lists: readonly [string, readonly Tensor[]][]): Record<string, Tensor> =>
  Object.fromEntries(lists.flatMap(([name, list]) => list.map((tensor, i) => [`${name}.${i}`, tensor])));
