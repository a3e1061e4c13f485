/** Runs graphs on ONNX Runtime and compares their gradients with finite differences; for tests only. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { encodeModel } from "../codec";
import { grad } from "../grad";
import { Graph, sizeOf, type Tensor } from "../graph";
import { add, mul, reduceSum, square } from "../ops";
import type { RuleTable } from "./rule";

export type Feeds = Readonly<Record<string, Float32Array>>;

/** A session over `outputs`; `run` returns their values in order and checks that their shapes are as the graph says. */
export async function compile(graph: Graph, outputs: readonly Tensor[]) {
  const session = await InferenceSession.create(encodeModel(graph, { extraOutputs: outputs }), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return {
    async run(feeds: Feeds): Promise<Float32Array[]> {
      const tensors = Object.fromEntries(
        graph.inputs.map(({ name, shape }) => [name, new OrtTensor("float32", feeds[name]!, [...shape])]),
      );
      const results = await session.run(tensors);
      return outputs.map(({ name, shape }) => {
        const { dims, data } = results[name]!;
        if (dims.join() !== shape.join()) throw new Error(`${name} came out as [${dims}], not as [${shape}].`);
        return data as Float32Array;
      });
    },
    release: () => session.release(),
  };
}

/** Deterministic numbers in [0, 1) (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface GradientCase {
  /** Shapes of the differentiable inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Values of input `index`; default uniform in [-1.5, 1.5], see `spread` for operators with kinks. */
  readonly values?: (next: () => number, size: number, index: number) => Float32Array;
  readonly seed?: number;
  readonly rules?: RuleTable;
}

/** Distinct values at least 0.1 apart from each other and 0.05 from 0, in random order: safe for kinks and extremes. */
export function spread(next: () => number, size: number): Float32Array {
  const values = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2)) * 0.1 + 0.05);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return Float32Array.from(values);
}

/** Uniform in [low, high]. */
export const between =
  (low: number, high: number) =>
  (next: () => number, size: number): Float32Array =>
    Float32Array.from({ length: size }, () => low + (high - low) * next());

/**
 * The largest relative error, over the inputs and three directions each (two random ones, and the gradient's own, in
 * which a wrong scale shows most), between the directional derivative of a random weighting of the output by `grad`
 * and by fourth-order central differences (sums in float64).
 *
 * The derivative's scale is |gradient| |direction|, so an error in a few entries shows and cancellation does not.
 */
export async function gradientError(test: GradientCase): Promise<number> {
  const next = uniform(test.seed ?? 1);
  const graph = new Graph();
  const inputs = test.shapes.map((shape, i) => graph.input(`x${i}`, "float32", shape));
  const out = test.build(...inputs);
  const weights = graph.input("weights", "float32", out.shape);
  const gradients = grad(reduceSum(mul(out, weights), { keepdims: false }), inputs, test.rules);
  const values = test.values ?? between(-1.5, 1.5);
  const point: Record<string, Float32Array> = { weights: between(0.5, 1.5)(next, out.size) };
  for (const [i, shape] of test.shapes.entries()) point[`x${i}`] = values(next, sizeOf(shape), i);
  for (let i = 0; i < out.size; i++) if (next() < 0.5) point.weights![i]! *= -1;

  const model = await compile(graph, [out, ...gradients]);
  const weighted = async (feeds: Feeds) => dot((await model.run(feeds))[0]!, point.weights!);
  const [, ...analytic] = await model.run(point);
  let worst = 0;
  for (const [i, gradient] of analytic.entries()) {
    const name = `x${i}`;
    const dense = between(-1, 1)(next, gradient.length);
    const largest = gradient.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
    const directions = [
      dense,
      dense.map((d) => (Math.abs(d) < 0.5 ? 0 : Math.sign(d))),
      gradient.map((v) => v / largest),
    ];
    for (const direction of directions) {
      const at = (step: number) => weighted({ ...point, [name]: point[name]!.map((v, k) => v + step * direction[k]!) });
      const h = 0.02;
      const numeric = (8 * ((await at(h)) - (await at(-h))) - ((await at(2 * h)) - (await at(-2 * h)))) / (12 * h);
      const scale = Math.sqrt(dot(gradient, gradient) * dot(direction, direction)) + Math.abs(numeric) + 1e-2;
      worst = Math.max(worst, Math.abs(numeric - dot(gradient, direction)) / scale);
      if (Number.isNaN(numeric) || gradient.some(Number.isNaN)) worst = Number.NaN;
    }
  }
  await model.release();
  return worst;
}

/**
 * `build` replaced by its own first derivative, so that `gradientError` then checks the second: the gradients of
 * sum(build(x) + build(x)^2 / 2) for all inputs, each shaped by a fixed weighting and summed.
 */
export function derivative(build: GradientCase["build"]): GradientCase["build"] {
  return (...inputs) => {
    const out = build(...inputs);
    const gradients = grad(reduceSum(add(out, mul(square(out), 0.5)), { keepdims: false }), inputs);
    const parts = gradients.map((gradient, i) => {
      const weights = Array.from({ length: gradient.size }, (_, k) => Math.cos(k + i) + 1.5);
      return reduceSum(mul(gradient, gradient.graph.constant(weights, gradient.shape)), { keepdims: false });
    });
    return parts.reduce((a, b) => add(a, b));
  };
}

/** Sum of products in float64. */
export const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
