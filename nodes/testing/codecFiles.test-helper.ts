/**
 * Test-only: a latent model small enough to be checked by hand. The encoder moves the pixels of every DOWN x DOWN square into
 * channels (space to depth), so the decoder gives back exactly what was encoded.
 */
import { encodeModel } from "@distillery/shared/onnx/codec";
import { freeBatch } from "@distillery/shared/onnx/freeBatch";
import { Graph, type Tensor } from "@distillery/shared/onnx/graph";
import { add, concat, mul, reshape, transpose } from "@distillery/shared/onnx/ops";

export const DOWN = 2;
export const CHANNELS = 3 * DOWN * DOWN;

const toDepth = (x: Tensor): Tensor => {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const cut = reshape(x, [batch, channels, height / DOWN, DOWN, width / DOWN, DOWN]);
  return reshape(transpose(cut, [0, 1, 3, 5, 2, 4]), [batch, channels * DOWN * DOWN, height / DOWN, width / DOWN]);
};
const toSpace = (z: Tensor): Tensor => {
  const [batch = 1, channels = 1, height = 1, width = 1] = z.shape;
  const cut = reshape(z, [batch, channels / (DOWN * DOWN), DOWN, DOWN, height, width]);
  return reshape(transpose(cut, [0, 1, 4, 2, 5, 3]), [batch, channels / (DOWN * DOWN), height * DOWN, width * DOWN]);
};

/** A network of one batch size, as a file for any. */
function file(name: string, build: (graph: Graph, batch: number) => Tensor): Uint8Array {
  const [one, other] = [1, 2].map((batch) => {
    const graph = new Graph(name);
    graph.output(build(graph, batch));
    return graph;
  }) as [Graph, Graph];
  return encodeModel(freeBatch(one, other), { freeAxis: "batch" });
}

/** Both halves call their one weight the same: twice as large, and half again. */
const gain = (x: Tensor, value: number): Tensor =>
  mul(
    x,
    x.graph.initializer("gain.weight", "float32", [1, 1, 1, 1], () => Float32Array.of(value)),
  );

/** The pair for pictures [batch, 3, size, size]; `moments`: the encoder gives the mean and a log variance of -2. */
export function codecFiles(size: number, { moments = false } = {}): Record<string, Uint8Array> {
  return {
    encoder: file("encoder", (graph, batch) => {
      const z = gain(toDepth(graph.input("sample", "float32", [batch, 3, size, size])), 2);
      return moments ? concat([z, add(mul(z, 0), -2)], { axis: 1 }) : z;
    }),
    decoder: file("decoder", (graph, batch) =>
      gain(toSpace(graph.input("sample", "float32", [batch, CHANNELS, size / DOWN, size / DOWN])), 0.5),
    ),
  };
}

/** A denoiser of those latents: eps = w x + t / 1000. */
export const denoiserFile = (size: number): Uint8Array =>
  file("denoiser", (graph, batch) => {
    const x = graph.input("sample", "float32", [batch, CHANNELS, size / DOWN, size / DOWN]);
    const t = graph.input("timestep", "float32", [batch]);
    const w = graph.initializer("scale.weight", "float32", [CHANNELS, 1, 1], () =>
      new Float32Array(CHANNELS).fill(0.4),
    );
    return add(mul(x, w), mul(reshape(t, [batch, 1, 1, 1]), 1 / 1000));
  });
