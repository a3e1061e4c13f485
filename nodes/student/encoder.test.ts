import type { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { NodeDefinition } from "@distillery/shared/graph/node";
import type { DatasetValue, FeaturesValue, WeightsValue } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import { sizeOf, type Tensor } from "@distillery/shared/onnx/graph";
import { add, reduceL2, reduceSum, square } from "@distillery/shared/onnx/ops";
import { encodeSafetensors } from "@distillery/shared/run/safetensors";
import { describe, expect, it } from "vitest";
import { contextOf, emit, newStage, noResources, runStage } from "../testing/stage";
import { cnn } from "./cnn";
import torch from "./fixtures/encoders.json";
import { vit } from "./vit";

const dataset = (sampleShape: number[], labels: Partial<DatasetValue> = {}): DatasetValue => ({
  id: "data",
  title: "Data",
  sampleShape,
  classes: ["a", "b", "c"],
  open: () => Promise.reject(new Error("not read")),
  ...labels,
});

/** The formula of fixtures/make_encoders.py. */
const filled = (size: number, phase: number, scale = 0.3, shift = 0) =>
  Array.from({ length: size }, (_, i) => shift + scale * Math.sin(phase + 0.37 * i));

function build(definition: NodeDefinition, images: readonly number[], params = {}, data = dataset(images.slice(1))) {
  const stage = newStage(2);
  const { weights } = emit(definition, contextOf(stage, "encoder"), { dataset: data }, params) as {
    weights: WeightsValue;
  };
  const input = stage.graph.input("images", "float32", images);
  return { stage, weights, input, seen: weights.extract!(input) as FeaturesValue };
}

function parameterFeeds(stage: StageBuilder, names: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(
    names.map((name, phase) => {
      const shape = stage.variables.get(`encoder/${name}`)?.spec.shape ?? [];
      const isScale = name.includes("norm") && name.endsWith(".weight");
      return [`encoder/${name}`, filled(sizeOf(shape), phase, 0.3, isScale ? 1 : 0)];
    }),
  );
}

describe.each([
  ["vit", vit, [2, 3, 12, 12], { imageSize: 8, patch: 4, width: 8, depth: 2, heads: 2, hooks: [0, 1] }],
  ["cnn", cnn, [2, 3, 8, 8], { width: 4, multipliers: [1, 2], groups: 2, patch: 2 }],
  [
    "cnn with statistics",
    cnn,
    [2, 3, 8, 8],
    { width: 4, multipliers: [1, 2], groups: 2, patch: 1, pooling: "statistics" },
  ],
] as const)("student/%s", (name, definition, images, settings) => {
  const expected = torch[name];
  /** Of what the heads read. */
  const pooled = name === "cnn with statistics" ? 24 : 8;

  it("sees what PyTorch's own layers see, and so does its gradient", async () => {
    const { stage, input, seen } = build(definition, images, { ...settings, projection: 5, classifies: ["class"] });
    const named = [...stage.variables.values()].map(({ path }) => path).sort();
    expect(named).toEqual(expected.names);
    const logits = seen.logits?.class as Tensor;
    const all = [seen.embedding, logits, ...seen.layers].map((x) => reduceSum(square(x), { keepdims: false }));
    const total = all.reduce((sum, x) => add(sum, x));
    const parameters = named.map((path) => stage.graph.value(`encoder/${path}`));
    const norms = grad(total, [...parameters, input]).map((gradient) => reduceL2(gradient, { keepdims: false }));
    const result = await runStage(
      stage,
      {
        embedding: seen.embedding,
        logits,
        ...Object.fromEntries(seen.layers.map((layer, i) => [`layer.${i}`, layer])),
        ...Object.fromEntries(norms.map((norm, i) => [`grad.${named[i] ?? "images"}`, norm])),
      },
      { images: filled(sizeOf(images), 0.5, 1), ...parameterFeeds(stage, named) },
    );
    const values: Readonly<Record<string, number[]>> = result;
    const near = (actual: readonly number[] = [], wanted: readonly number[], what: string) =>
      wanted.forEach((value, i) => {
        expect(Math.abs((actual[i] ?? Number.NaN) - value), what).toBeLessThan(2e-5 * Math.max(1, Math.abs(value)));
      });
    near(values.embedding, expected.embedding, "embedding");
    near(values.logits, expected.logits, "logits");
    expect(seen.layers.map(({ shape }) => shape)).toEqual(expected.layers.map(({ shape }) => shape));
    expected.layers.forEach(({ first }, i) => {
      near(values[`layer.${i}`], first, `layer ${i}`);
    });
    [...named, "images"].forEach((path, i) => {
      near(values[`grad.${path}`], [expected.gradNorms[i] as number], path);
    });
  });

  it("embeds without a projection, and has no heads, unless asked", () => {
    const { stage, seen } = build(definition, images, settings);
    expect(seen.embedding.shape).toEqual([2, pooled]);
    expect(seen.logits).toEqual({});
    expect([...stage.variables.keys()].filter((path) => /projection|head/.test(path))).toEqual([]);
  });

  it("looks once at images that several nodes ask about", () => {
    const { stage, weights, input, seen } = build(definition, images, settings);
    const before = stage.graph.nodes.length;
    expect(weights.extract!(input)).toBe(seen);
    expect(stage.graph.nodes.length).toBe(before);
    const copies = contextOf(stage, "copy");
    weights.extract!(input, (path, spec) => copies.variable(path, { ...spec, role: "average" }));
    expect(stage.graph.nodes.length).toBeGreaterThan(before);
  });

  it("starts from the tensors of a file", async () => {
    const data = Float32Array.from(filled(3 * pooled, 0));
    const file = encodeSafetensors({ "other/head.class.weight": { dtype: "float32", shape: [3, pooled], data } });
    const { stage } = build(definition, images, { ...settings, classifies: ["class"], initFrom: "judge.safetensors" });
    const init = stage.variables.get("encoder/head.class.weight")?.spec.init;
    if (init?.kind !== "data") throw new Error("not read from the file");
    expect(await init.load({ ...noResources, bytes: async () => file })).toEqual(data);
  });

  it("refuses points, labels the data do not have, and images of other channels", () => {
    expect(() => build(definition, images, settings, dataset([2]))).toThrow(
      /looks at images.*"Data" has samples \[2\]/,
    );
    const untold = { ...settings, classifies: ["content"] };
    expect(() => build(definition, images, untold)).toThrow('"Data" has no label "content"');
    const grey = dataset([1, ...images.slice(2)]);
    expect(() => build(definition, images, settings, grey)).toThrow(`looks at images [B, 1, height, width]`);
  });
});

describe("student/vit", () => {
  it("resizes images of any size to its own", async () => {
    for (const size of [8, 11, 32, 48, 61]) {
      const { stage, weights } = build(vit, [2, 3, 32, 32], {
        patch: 8,
        imageSize: 56,
        width: 8,
        heads: 2,
        depth: 2,
        hooks: [],
      });
      const others = stage.graph.input("others", "float32", [2, 3, size, size]);
      const { embedding } = weights.extract!(others);
      const names = [...stage.variables.values()].map(({ path }) => path).sort();
      const feeds = { images: filled(2 * 3 * 32 * 32, 0), others: filled(sizeOf(others.shape), 1) };
      const result = await runStage(stage, { embedding }, { ...feeds, ...parameterFeeds(stage, names) });
      expect(result.embedding.every(Number.isFinite), `size ${size}`).toBe(true);
    }
  });

  it("keeps images of another size, if told so, with positions interpolated between the learned ones", async () => {
    const settings = { patch: 4, width: 8, heads: 2, depth: 1, hooks: [0] };
    const { stage, weights } = build(vit, [2, 3, 16, 16], { ...settings, anySize: true });
    const small = stage.graph.input("small", "float32", [2, 3, 8, 8]);
    const { embedding, layers } = weights.extract!(small);
    expect(layers[0]?.shape).toEqual([2, 8, 4]);
    const feeds = parameterFeeds(
      stage,
      [...stage.variables.values()].map(({ path }) => path),
    );
    const images = filled(2 * 3 * 16 * 16, 0);
    const kept = await runStage(stage, { embedding }, { ...feeds, images, small: filled(2 * 3 * 8 * 8, 1) });
    // The same network built for the small size, given the means of four neighbouring positions each.
    const own = build(vit, [2, 3, 8, 8], settings);
    const learned = feeds["encoder/pos_embed"] as number[];
    const at = (row: number, column: number, c: number) => learned[8 * (1 + 4 * row + column) + c] as number;
    const means = [0, 2].flatMap((row) =>
      [0, 2].flatMap((column) =>
        Array.from({ length: 8 }, (_, c) => {
          const four = [at(row, column, c), at(row, column + 1, c), at(row + 1, column, c), at(row + 1, column + 1, c)];
          return four.reduce((sum, value) => sum + value, 0) / 4;
        }),
      ),
    );
    const pos = [...learned.slice(0, 8), ...means];
    const direct = await runStage(
      own.stage,
      { embedding: own.seen.embedding },
      { ...feeds, images: filled(2 * 3 * 8 * 8, 1), "encoder/pos_embed": pos },
    );
    kept.embedding.forEach((value, i) => {
      expect(value).toBeCloseTo(direct.embedding[i] as number, 5);
    });
  });

  it("refuses blocks it does not have, and sizes that do not divide", () => {
    const of = (params: Record<string, unknown>) => () => build(vit, [2, 3, 32, 32], params);
    expect(of({ depth: 2, hooks: [2] })).toThrow("no block 2 to hook; 2 blocks");
    expect(of({ patch: 5 })).toThrow("Patches of 5 pixels do not divide 32 pixels");
    expect(of({ width: 64, heads: 3 })).toThrow("3 heads do not divide the width of 64");
  });
});

it("student/cnn refuses images that cannot be cut into its squares", () => {
  expect(() => build(cnn, [2, 3, 6, 6], { patch: 4 })).toThrow("Images of 6 x 6 cannot be cut into squares of 4");
});
