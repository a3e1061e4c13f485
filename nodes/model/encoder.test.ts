import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { UserModelInfo } from "@distillery/shared/graph/modelInfo";
import type { FeaturesValue, WeightsValue } from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { grad } from "@distillery/shared/onnx/grad";
import { Graph, type Tensor } from "@distillery/shared/onnx/graph";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import { add, conv, mul, reduceMean, reduceSum, relu, square } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { contextOf, emit, noResources, runStage } from "../testing/stage";
import { encoder } from "./encoder";
import expected from "./fixtures/vit.json";

const vit = readFileSync(new URL("./fixtures/vit.onnx", import.meta.url));
const info: UserModelInfo = {
  id: "vit",
  name: "vit.onnx",
  bytes: vit.length,
  inputs: [{ name: "pixel_values", shape: ["batch", 3, 8, 8] }],
  outputs: [{ name: "cls", shape: ["batch", 8] }],
};

/** relu(3x3 convolution), once more at half the size, and the mean of that. */
function cnn(): Uint8Array {
  const graph = new Graph("cnn");
  const x = graph.input("x", "float32", [2, 1, 4, 4]);
  const kernel = (name: string, channels: number) =>
    graph.initializer(name, "float32", [3, channels, 3, 3], () => new Float32Array(27 * channels).fill(0.1));
  const pads = [1, 1, 1, 1];
  const first = graph.scope("/features.0", () => relu(conv(x, kernel("features.0.weight", 1), null, { pads })));
  const second = graph.scope("/features.1", () =>
    relu(conv(first, kernel("features.1.weight", 3), null, { pads, strides: [2, 2] })),
  );
  const mean = reduceMean(second, { axes: [2, 3] });
  const [pooled] = graph.add("Identity", [mean], [{ dtype: "float32", shape: mean.shape, name: "pooled" }]);
  graph.output(pooled as Tensor);
  return encodeModel(graph);
}
const cnnInfo: UserModelInfo = {
  id: "cnn",
  name: "cnn.onnx",
  bytes: 1,
  inputs: [{ name: "x", shape: [2, 1, 4, 4] }],
  outputs: [{ name: "pooled", shape: [2, 3, 1, 1] }],
};

const files: Record<string, { info: UserModelInfo; bytes: () => Uint8Array }> = {
  vit: { info, bytes: () => vit },
  cnn: { info: cnnInfo, bytes: cnn },
};

/** What the node sees of images of a shape; `imports` false: only the stand-in is there. */
async function look(params: Record<string, unknown>, shape: readonly number[], imports = true) {
  const found = new ModelImports(async (id) => files[id]?.bytes() ?? new Uint8Array(), shapeOracle);
  const attempt = () => {
    const stage = new StageBuilder({
      name: "test",
      kind: "train",
      batch: 2,
      seed: 0,
      resources: {
        ...noResources,
        model: (id) => files[id]?.info,
        ...(imports && { importedModel: found.get }),
      },
    });
    const { weights } = emit(encoder, contextOf(stage), {}, params) as { weights: WeightsValue };
    const images = stage.graph.input("images", "float32", shape);
    return { stage, images, weights, features: weights.extract!(images) };
  };
  try {
    return attempt();
  } catch (error) {
    if (!imports || !(await found.importAsked())) throw error;
    return attempt();
  }
}

const dino = {
  model: "vit",
  hooks: ["blocks.1", "blocks.3"],
  normalisation: "imagenet",
  layerNorm: "norm",
};
const feeds = { images: expected.images.data };
const { shape } = expected.images;

/** [B, C, P] as the fixture's [B, P, C]. */
function tokensOf(values: readonly number[], [batch = 1, channels = 1, positions = 1]: readonly number[]): number[] {
  return Array.from({ length: batch * positions * channels }, (_, i) => {
    const [c, p, b] = [i % channels, Math.floor(i / channels) % positions, Math.floor(i / channels / positions)];
    return values[(b * channels + c) * positions + p] as number;
  });
}

function expectClose(found: readonly number[] | undefined, wanted: readonly number[], digits = 4): void {
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((value, i) => {
    expect(found?.[i]).toBeCloseTo(value, digits);
  });
}

const fetchable = ({ layers, embedding }: FeaturesValue): Record<string, Tensor> => ({
  ...Object.fromEntries(layers.map((layer, i) => [`layer.${i}`, layer])),
  embedding,
});

describe("model/encoder on a DINOv2 export", () => {
  it("gives the blocks PyTorch gives: normalised, without class token, channels first", async () => {
    const { stage, weights, features } = await look(dino, shape);
    expect(weights).toMatchObject({ trainable: false, sampleShape: null });
    expect(features.layers.map((layer) => layer.shape)).toEqual([
      [2, 8, 16],
      [2, 8, 16],
    ]);
    expect(stage.variables.size).toBe(0);
    const result = await runStage(stage, fetchable(features), feeds);
    features.layers.forEach((layer, i) => {
      expectClose(tokensOf(result[`layer.${i}`] ?? [], layer.shape), expected.layers[i] as number[]);
    });
    const last = expected.layers[1] as number[];
    const mean = Array.from({ length: 16 }, (_, i) => {
      const [b, c] = [Math.floor(i / 8), i % 8];
      return Array.from({ length: 16 }, (_, p) => last[(b * 16 + p) * 8 + c] as number).reduce((a, v) => a + v / 16, 0);
    });
    expectClose(result.embedding, mean);
  });

  it("passes PyTorch's gradient to the pixels", async () => {
    const { stage, images, features } = await look(dino, shape);
    const cubes = features.layers.map((layer) => reduceSum(mul(square(layer), layer), { keepdims: false }));
    const loss = add(cubes[0] as Tensor, cubes[1] as Tensor);
    const result = await runStage(stage, { loss, gradient: grad(loss, [images])[0] as Tensor }, feeds);
    expect(result.loss[0]).toBeCloseTo(expected.loss, 2);
    const scale = Math.max(...expected.gradient.map(Math.abs));
    expectClose(
      result.gradient.map((value) => value / scale),
      expected.gradient.map((value) => value / scale),
    );
  });

  it("gives raw tokens, the class token too, an output by name, and inner values by pattern", async () => {
    const raw = {
      ...dino,
      hooks: ["/blocks.1/Add_1_output_0"],
      layerNorm: "",
      dropClassToken: false,
      embedding: "cls",
    };
    const { stage, features } = await look(raw, shape);
    expect(features.layers[0]?.shape).toEqual([2, 8, 17]);
    const result = await runStage(stage, fetchable(features), feeds);
    expectClose(tokensOf(result["layer.0"] ?? [], [2, 8, 17]), expected.raw);
    expectClose(result.embedding, expected.embedding);
    const all = await look({ ...dino, hooks: ["/blocks.*/Add_1_output_0"] }, shape);
    expect(all.features.layers).toHaveLength(4);
    const modules = await look({ ...dino, hooks: ["blocks.*"] }, shape);
    expect(modules.features.layers).toHaveLength(4);
  });

  it("takes the file's output for the embedding where no layer is hooked", async () => {
    const { stage, features } = await look({ ...dino, hooks: [] }, shape);
    expect(features.layers).toEqual([]);
    expectClose((await runStage(stage, fetchable(features), feeds)).embedding, expected.embedding);
  });

  it("leaves blocks behind the last hook out of the file that is run", async () => {
    const { features } = await look({ ...dino, hooks: ["blocks.0"] }, shape);
    expect(features.layers[0]?.graph.nodes.some(({ name }) => name.includes("blocks.1"))).toBe(false);
  });

  it("says what it could not find", async () => {
    await expect(look({ ...dino, hooks: ["blocks.7"] }, shape)).rejects.toThrow(
      'nothing called "blocks.7" to hook; name some of its layers: cls, blocks.0, blocks.1, blocks.2, blocks.3.',
    );
    await expect(look({ ...dino, layerNorm: "blocks.0.mlp.fc1" }, shape)).rejects.toThrow("to normalise tokens of 8");
    await expect(look({ ...dino, size: 16 }, shape)).rejects.toThrow("takes images of 8 x 8, not of 16");
    await expect(look(dino, [2, 1, 12, 12])).rejects.toThrow("looks at images [B, 3, height, width]");
    await expect(look({ ...dino, embedding: "blocks.1" }, shape)).rejects.toThrow("must be one vector per image");
  });

  it("is checked with a stand-in where files cannot be imported", async () => {
    const { features } = await look(dino, shape, false);
    expect(features.layers.map((layer) => layer.rank)).toEqual([3, 3]);
    expect(features.embedding.rank).toBe(2);
  });
});

describe("model/encoder on a convolution network", () => {
  it("flattens maps, and takes [B, D, 1, 1] for an embedding", async () => {
    const settings = { model: "cnn", hooks: ["features.0", "features.1"], embedding: "features.1" };
    await expect(look(settings, [2, 1, 4, 4])).rejects.toThrow("must be one vector per image");
    const { stage, features } = await look({ ...settings, embedding: "pooled" }, [2, 1, 4, 4]);
    expect(features.layers.map((layer) => layer.shape)).toEqual([
      [2, 3, 16],
      [2, 3, 4],
    ]);
    const images = Array.from({ length: 32 }, (_, i) => i / 16);
    const result = await runStage(stage, fetchable(features), { images });
    // The corner of the first map sees pixels 0, 1, 4, 5.
    expect(result["layer.0"]?.[0]).toBeCloseTo((0.1 * (0 + 1 + 4 + 5)) / 16, 5);
    expect(features.embedding.shape).toEqual([2, 3]);
  });

  it("maps pixels to [0, 1] when told to", async () => {
    const seen = async (normalisation: string) => {
      const { stage, features } = await look({ model: "cnn", hooks: ["features.0"], normalisation }, [2, 1, 4, 4]);
      const result = await runStage(stage, fetchable(features), { images: Array<number>(32).fill(0.5) });
      return result["layer.0"]?.[5];
    };
    expect(await seen("half")).toBeCloseTo(0.45, 5);
    expect(await seen("none")).toBeCloseTo(0.675, 5);
    await expect(seen("clip")).rejects.toThrow("is for images of 3 channels");
  });
});
