import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { HostTensor, HostTensors } from "@distillery/shared/graph/node";
import type { Prediction, WeightsValue } from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { grad } from "@distillery/shared/onnx/grad";
import { sizeOf, type Tensor, toTypedArray } from "@distillery/shared/onnx/graph";
import { importModel } from "@distillery/shared/onnx/import";
import { reduceMean, square } from "@distillery/shared/onnx/ops";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { beforeAll, describe, expect, it } from "vitest";
import { onnxModel } from "../model/onnx";
import { contextOf, emit, noResources, runStage, stableDiffusion, stateInput } from "../testing/stage";
import { buildWithUnet, unetBytes } from "../testing/unetFile.test-helper";
import { formulaWeights } from "../testing/weights";
import { lora } from "./lora";
import { mlp } from "./mlp";

const BATCH = 2;
const feeds = {
  x: Array.from({ length: BATCH * 3 * 64 }, (_, i) => Math.sin(i * 1.7)),
  t: [1, 40],
};

interface Built {
  teacher: Prediction;
  student: Prediction;
  weights: WeightsValue;
}
function build(stage: StageBuilder, params: object, trainable = false): Built {
  const state = stateInput(stage, stableDiffusion(), [3, 8, 8]);
  const base = emit(onnxModel, contextOf(stage, "net"), {}, { model: "unet", trainable }) as { weights: WeightsValue };
  const { weights } = emit(lora, contextOf(stage, "lora", "LoRA"), base, { ...params }) as { weights: WeightsValue };
  return { weights, teacher: base.weights.predict!(state, null), student: weights.predict!(state, null) };
}
const built = (params: object = {}, trainable = false) =>
  buildWithUnet(BATCH, (stage) => build(stage, params, trainable));

/** The values of the file. */
async function startValues(stage: StageBuilder): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  for (const [name, { spec }] of stage.variables)
    if (spec.init.kind === "data") values[name] = Array.from(await spec.init.load(noResources));
  return values;
}

const adapterVariables = (stage: StageBuilder) => [...stage.variables].filter(([, { owner }]) => owner === "lora");

/** Numbers for every adapter: A as drawn, B zero or not. */
function adapters(stage: StageBuilder, isChanged: boolean): Record<string, number[]> {
  return Object.fromEntries(
    adapterVariables(stage).map(([name, { tensor }], k) => [
      name,
      Array.from({ length: tensor.size }, (_, i) =>
        name.includes("lora_B") && !isChanged ? 0 : 0.1 * Math.sin(1 + k + 0.7 * i),
      ),
    ]),
  );
}

describe("student/lora on a PyTorch U-Net", () => {
  it("changes every layer but the first, the last and the time embedding", async () => {
    const [stage, { weights }] = await built();
    const { targets = "", ...metadata } = weights.adapter?.() ?? {};
    expect(metadata).toEqual({ peft_type: "LORA", rank: "16", alpha: "16" });
    const changed: string[] = JSON.parse(targets);
    expect(changed.sort()).toEqual(
      [
        ...["down", "mid", "up"].flatMap((block) =>
          ["conv1", "conv2", "time_emb_proj"].map((layer) => `${block}.${layer}`),
        ),
        "up.conv_shortcut",
        "downsample",
        "upsample",
        ...["to_q", "to_k", "to_v", "to_out"].map((layer) => `attention.attn.${layer}`),
        "attention.proj",
        "attention.out",
      ].sort(),
    );
    expect(stage.variables.size).toBe(2 * changed.length);
    const shapes = (path: string) =>
      ["A", "B"].map((side) => stage.variables.get(`lora/${path}.lora_${side}.weight`)?.spec);
    expect(shapes("mid.conv1")).toMatchObject([
      { shape: [16, 16, 3, 3], init: { kind: "uniform", bound: 1 / 12 }, role: "parameter" },
      { shape: [16, 16, 1, 1], init: { kind: "zeros" } },
    ]);
    // Stored as [in, out] and as [out, in]: A has the inputs, B the outputs all the same.
    expect(shapes("attention.proj")).toMatchObject([{ shape: [16, 16] }, { shape: [64, 16] }]);
    expect(shapes("down.time_emb_proj")).toMatchObject([{ shape: [16, 16] }, { shape: [8, 16] }]);
  });

  it("starts exactly as the teacher, with one copy of the frozen weights in the graph", async () => {
    const [stage, { teacher, student }] = await built({ rank: 4 });
    expect([...stage.graph.initializers.keys()].filter((name) => name.endsWith("mid.conv1.weight"))).toHaveLength(1);
    const result = await runStage(
      stage,
      { teacher: teacher.eps, student: student.eps },
      { ...feeds, ...adapters(stage, false) },
    );
    result.student.forEach((value, i) => {
      expect(Math.abs(value - (result.teacher[i] as number))).toBeLessThan(1e-5);
    });
  });

  it("starts bit for bit as the teacher where both run on the same kernels", async () => {
    // With constant weights the runtime chooses other kernels than with computed ones.
    const [stage, { teacher, student }] = await built({ rank: 4, targets: "*" }, true);
    const given = { ...feeds, ...(await startValues(stage)), ...adapters(stage, false) };
    const result = await runStage(stage, { teacher: teacher.eps, student: student.eps }, given);
    expect(result.student).toEqual(result.teacher);
  });

  it("computes what the file computes with the changes worked into its weights", async () => {
    const [rank, alpha] = [3, 12];
    const [stage, { student, teacher }] = await built({ rank, alpha });
    const given = adapters(stage, true);
    const result = await runStage(stage, { student: student.eps, teacher: teacher.eps }, { ...feeds, ...given });
    const model = await importModel(unetBytes, {
      oracle: shapeOracle,
      dims: { "sample.0": BATCH, "sample.2": 8, "sample.3": 8, "timestep.0": BATCH },
    });
    const [other, output] = await buildWithUnet(BATCH, (merged) => {
      const state = stateInput(merged, stableDiffusion(), [3, 8, 8]);
      const outputs = model.instantiate(merged.graph, {
        prefix: "m/",
        inputs: [state.x, state.t.schedule.timestep(state.t)],
        parameter: (path, shape, dtype, load) => {
          const module = path.replace(/\.weight$/, "");
          const [a, b] = [given[`lora/${module}.lora_A.weight`], given[`lora/${module}.lora_B.weight`]];
          const values = Float32Array.from(load(), Number);
          const isTransposed = /attn\.to_\w+$|attention\.(proj|out)$/.test(module);
          if (a !== undefined && b !== undefined) merge(values, shape, a, b, rank, alpha, isTransposed);
          return merged.graph.initializer(path, dtype, shape, () => values);
        },
      });
      return outputs[0] as Tensor;
    });
    const { eps } = await runStage(other, { eps: output }, feeds);
    expect(Math.max(...result.student.map((value, i) => Math.abs(value - (eps[i] as number))))).toBeLessThan(1e-5);
    expect(Math.max(...eps.map((value, i) => Math.abs(value - (result.teacher[i] as number))))).toBeGreaterThan(0.1);
  });

  it("has gradients that agree with finite differences", async () => {
    const [stage, gradients] = await buildWithUnet(BATCH, (each) => {
      const { student } = build(each, { rank: 2, alpha: 1, targets: "mid.conv1, attn.to_q, up.time_emb_proj" });
      const parameters = [...contextOf(each, "lora").parametersOf("lora")];
      const loss = reduceMean(square(student.eps), { keepdims: false });
      const made = grad(
        loss,
        parameters.map(([, tensor]) => tensor),
      );
      return { loss, ...Object.fromEntries(parameters.map(([path], i) => [path, made[i] as Tensor])) };
    });
    expect(Object.keys(gradients)).toHaveLength(1 + 6);
    const given = adapters(stage, true);
    const analytic = await runStage(stage, gradients, { ...feeds, ...given });
    const session = await testRuntime.createSession(encodeModel(stage.graph));
    const inputs: HostTensors = Object.fromEntries(
      stage.graph.inputs.map(({ name, dtype, shape }) => {
        const numbers = given[name] ?? feeds[name as keyof typeof feeds];
        return [name, { dtype, shape, data: toTypedArray(numbers, dtype) }];
      }),
    );
    const lossAt = async (name: string, index: number, change: number) => {
      const { shape, data } = inputs[name] as HostTensor;
      const moved = Float32Array.from({ length: data.length }, (_, i) => Number(data[i]) + (i === index ? change : 0));
      const result = await session.run({ ...inputs, [name]: { dtype: "float32", shape, data: moved } }, [
        gradients.loss.name,
      ]);
      return Number((await testRuntime.download(result[gradients.loss.name] as HostTensor)).data[0]);
    };
    for (const name of Object.keys(given)) {
      const path = name.slice("lora/".length) as keyof typeof analytic;
      const expected = analytic[path] as number[];
      const index = expected.indexOf(expected.reduce((a, b) => (Math.abs(a) > Math.abs(b) ? a : b)));
      const step = 1e-2;
      const numeric = ((await lossAt(name, index, step)) - (await lossAt(name, index, -step))) / (2 * step);
      expect(Math.abs(numeric - (expected[index] as number)) / Math.abs(numeric), name).toBeLessThan(1e-2);
    }
  });
});

describe("student/lora", () => {
  let stage: StageBuilder;
  let network: WeightsValue;
  beforeAll(async () => {
    [stage, network] = await buildWithUnet(1, (each) => {
      const dataset = {
        id: "d",
        title: "D",
        sampleShape: [2],
        classes: [],
        open: () => Promise.reject(new Error("no")),
      };
      const { weights } = emit(mlp, contextOf(each, "mlp"), { dataset }, { width: 8, depth: 3 });
      return weights as WeightsValue;
    });
  });
  const adapt = (weights: WeightsValue, params: object, id: string) => {
    const value = emit(lora, contextOf(stage, id, "LoRA"), { weights }, { ...params }) as { weights: WeightsValue };
    value.weights.predict!(stateInput(stage, stableDiffusion(), [2], undefined, id), null);
    return value.weights;
  };

  it("takes patterns of paths, and names the paths there are when one fits nothing", () => {
    const targets = (patterns: string, id: string) =>
      JSON.parse(adapt(network, { targets: patterns }, id).adapter?.().targets ?? "");
    expect(targets("", "a")).toEqual(["hidden.1", "hidden.2"]);
    expect(targets("hidden.*, out", "b")).toEqual(["hidden.1", "hidden.2", "out"]);
    expect(targets("1", "c")).toEqual(["hidden.1"]);
    expect(targets("*", "d")).toHaveLength(4);
    expect(() => targets("out, to_q", "e")).toThrow(
      'no linear or convolution weight fits "to_q". There are in.weight, hidden.1.weight, hidden.2.weight, out.weight.',
    );
    expect(() => targets("hidden.1.bias", "f")).toThrow('fits "hidden.1.bias"');
  });

  it("refuses what has no weights, and a LoRA of a LoRA", () => {
    const closed = formulaWeights(({ x }) => x);
    expect(() => adapt(closed, {}, "g")).toThrow("closed form");
    const once = adapt(network, {}, "h");
    expect(() => adapt(once, {}, "i")).toThrow("is a LoRA already");
  });
});

/** W += alpha / rank B A, with loops. */
function merge(
  values: Float32Array,
  shape: readonly number[],
  a: readonly number[],
  b: readonly number[],
  rank: number,
  alpha: number,
  isTransposed: boolean,
): void {
  const [rows = 1, ...others] = shape;
  const columns = sizeOf(others);
  const [outputs, inputs] = isTransposed ? [columns, rows] : [rows, columns];
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += (b[o * rank + r] as number) * (a[r * inputs + i] as number);
      const at = isTransposed ? i * columns + o : o * columns + i;
      values[at] = (values[at] as number) + (alpha / rank) * sum;
    }
  }
}
