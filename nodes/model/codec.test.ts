import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { StageBuilder } from "@distillery/shared/compile/stageBuilder";
import type { CodecValue, Resources, UserModelInfo } from "@distillery/shared/graph/wires";
import { grad } from "@distillery/shared/onnx/grad";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import { mul, reduceSum, square } from "@distillery/shared/onnx/ops";
import { describe, expect, it } from "vitest";
import { CHANNELS, codecFiles, DOWN } from "../testing/codecFiles.test-helper";
import { infoOf } from "../testing/runs.test-helper";
import { contextOf, emit, noResources, runStage } from "../testing/stage";
import { codec } from "./codec";

const BATCH = 2;
const SIZE = 4;
const PIXELS = BATCH * 3 * SIZE * SIZE;
const LATENT = [BATCH, CHANNELS, SIZE / DOWN, SIZE / DOWN];
const SETTINGS = {
  encoder: "encoder",
  decoder: "decoder",
  downscale: DOWN,
  channels: CHANNELS,
  scalingFactor: 0.5,
  shift: 0.2,
};
const wave = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(1.7 * (i + 1)));

/** The codec in a stage, with its files imported on the way; `build` uses it. */
async function withCodec<T>(
  build: (codec: CodecValue, stage: StageBuilder) => T,
  { settings = {}, files = codecFiles(SIZE) }: { settings?: object; files?: Record<string, Uint8Array> } = {},
): Promise<[StageBuilder, T]> {
  const infos = Object.entries(files).map(([id, bytes]) => infoOf(id, bytes));
  const imports = new ModelImports(async (id) => files[id] as Uint8Array, shapeOracle);
  const model = (id: string) => infos.find((info) => info.id === id);
  for (;;) {
    const resources: Resources = { ...noResources, model, importedModel: imports.get };
    const stage = new StageBuilder({ name: "test", kind: "train", batch: BATCH, seed: 1, resources });
    try {
      return [stage, build(emitCodec(stage, settings), stage)];
    } catch (error) {
      if (!(await imports.importAsked())) throw error;
    }
  }
}
const emitCodec = (stage: StageBuilder, settings: object = {}): CodecValue =>
  emit(codec, contextOf(stage, "codec", "Codec"), {}, { ...SETTINGS, ...settings }).codec as CodecValue;

const pictures = (stage: StageBuilder, shape = [BATCH, 3, SIZE, SIZE]) => stage.graph.input("images", "float32", shape);

describe("model/codec", () => {
  it("encodes as (E(x) - shift) factor, and decodes to the very picture", async () => {
    const [stage, made] = await withCodec((vae, stage) => {
      const z = vae.encode(pictures(stage));
      return { z, back: vae.decode(z) };
    });
    const images = wave(PIXELS);
    const { z, back } = await runStage(stage, made, { images });
    expect(made.z.shape).toEqual(LATENT);
    // Channel 1 of a latent is the pixel to the right of the square's first.
    expect(z[0]).toBeCloseTo((2 * images[0]! - 0.2) * 0.5, 6);
    expect(z[(SIZE / DOWN) ** 2]).toBeCloseTo((2 * images[1]! - 0.2) * 0.5, 6);
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(images[i]!, 6);
    });
  });

  it("lets the gradient through the decoder, as finite differences say, and none into the encoder", async () => {
    const curved = (x: Tensor) => reduceSum(mul(square(x), x), { keepdims: false });
    const [stage, made] = await withCodec((vae, stage) => {
      const z = stage.graph.input("z", "float32", LATENT);
      const loss = curved(vae.decode(z));
      return { loss, slope: grad(loss, [z])[0] as Tensor };
    });
    const z = wave(PIXELS).map((value) => value / 3);
    const lossAt = async (values: number[]) => (await runStage(stage, { loss: made.loss }, { z: values })).loss[0]!;
    const { slope } = await runStage(stage, made, { z });
    for (const i of [0, 7, 40, PIXELS - 1]) {
      const moved = (by: number) => z.map((value, k) => (k === i ? value + by : value));
      const difference = ((await lossAt(moved(1e-2))) - (await lossAt(moved(-1e-2)))) / 2e-2;
      expect(Math.abs(slope[i]! - difference)).toBeLessThan(2e-3 * Math.max(1, Math.abs(difference)));
    }
    const [encoding, none] = await withCodec((vae, stage) => {
      const images = pictures(stage);
      return { slope: grad(curved(vae.encode(images)), [images])[0] as Tensor };
    });
    expect((await runStage(encoding, none, { images: wave(PIXELS) })).slope).toEqual(Array(PIXELS).fill(0));
  });

  it("draws from mean and log variance, or takes the mean", async () => {
    const files = codecFiles(SIZE, { moments: true });
    const encoded = async (posterior: string) => {
      const [stage, z] = await withCodec((vae, stage) => vae.encode(pictures(stage)), {
        files,
        settings: { posterior },
      });
      return (await runStage(stage, { z }, { images: wave(PIXELS) })).z;
    };
    const [mean, drawn] = [await encoded("mean"), await encoded("sample")];
    expect(mean[0]).toBeCloseTo((2 * wave(1)[0]! - 0.2) * 0.5, 6);
    const spread = drawn.map((value, i) => (value - mean[i]!) / (0.5 * Math.exp(-1)));
    const deviation = Math.sqrt(spread.reduce((sum, value) => sum + value * value, 0) / spread.length);
    expect(deviation).toBeGreaterThan(0.8);
    expect(deviation).toBeLessThan(1.2);
  });

  it("takes clips frame by frame", async () => {
    const frames = 3;
    const [stage, back] = await withCodec((vae, stage) =>
      vae.decode(vae.encode(pictures(stage, [BATCH, frames, 3, SIZE, SIZE]))),
    );
    expect(back.shape).toEqual([BATCH, frames, 3, SIZE, SIZE]);
    const images = wave(PIXELS * frames);
    const found = await runStage(stage, { back }, { images });
    expect(found.back[100]).toBeCloseTo(images[100]!, 6);
  });

  it("refuses files of other shapes than its rule says, imported or not", async () => {
    const wrong = withCodec((vae, stage) => vae.encode(pictures(stage)), { settings: { channels: 4 } });
    await expect(wrong).rejects.toThrow(/encoder.onnx" gives \[2, 12, 2, 2\].*should be \[2, 4, 2, 2\]/);
    const info: UserModelInfo = {
      id: "encoder",
      name: "encoder.onnx",
      bytes: 1,
      inputs: [{ name: "sample", shape: ["batch", 3, "height", "width"] }],
      outputs: [{ name: "latent", shape: ["batch", 8, "h", "w"] }],
    };
    const resources: Resources = { ...noResources, model: () => info };
    const standIn = (channels: number) => {
      const stage = new StageBuilder({ name: "test", kind: "train", batch: BATCH, seed: 1, resources });
      return emitCodec(stage, { channels, downscale: 4 }).encode(pictures(stage)).shape;
    };
    expect(standIn(8)).toEqual([BATCH, 8, 1, 1]);
    expect(standIn(4)).toEqual([BATCH, 4, 1, 1]);
    expect(() => standIn(12)).toThrow("should be [2, 12, 1, 1]");
    const odd = () => {
      const stage = new StageBuilder({ name: "test", kind: "train", batch: BATCH, seed: 1, resources });
      return emitCodec(stage, { channels: 8, downscale: 3 }).encode(pictures(stage));
    };
    expect(odd).toThrow("multiples of 3");
  });
});
