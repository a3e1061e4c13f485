/** The third-party perceptual space: that it can be differentiated, and the numbers on its card. */
import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import type { DatasetValue, Resources } from "@distillery/shared/graph/wires";
import { encodeModel } from "@distillery/shared/onnx/codec";
import { grad } from "@distillery/shared/onnx/grad";
import { Graph } from "@distillery/shared/onnx/graph";
import { importModel } from "@distillery/shared/onnx/import";
import { add, reduceMean, square } from "@distillery/shared/onnx/ops";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { expect, it } from "vitest";
import { library } from "../library";
import { resample } from "../model/resample";
import { contextOf, emit, newStage, noResources } from "../testing/stage";
import card from "./ppocr/card.json";

const file = readFileSync(new URL("./ppocr/model.onnx", import.meta.url));
const importFor = (batch: number, size: number) =>
  importModel(file, { oracle: shapeOracle, dims: { batch, height: size, width: size } });

it("has a gradient, the one that finite differences show", async () => {
  const shape = [1, 3, 32, 32];
  const graph = new Graph();
  const x = graph.input("x", "float32", shape);
  const layers = (await importFor(1, 32)).instantiate(graph, { prefix: "ppocr/", inputs: [x] });
  expect(layers.map((layer) => layer.shape)).toEqual([
    [1, 96, 4, 4],
    [1, 192, 2, 2],
  ]);
  const loss = layers.map((layer) => reduceMean(square(layer), { keepdims: false })).reduce(add);
  const [dx] = grad(loss, [x]);
  for (const output of [loss, dx!]) graph.output(output);
  const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const run = async (data: Float32Array) => {
    const results = await session.run({ x: new Tensor("float32", data, shape) });
    return { loss: Number(results[loss.name]?.data[0]), slope: results[dx!.name]?.data as Float32Array };
  };
  const at = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i * 0.37) * 0.8);
  const { slope } = await run(at);
  // Along the gradient itself: the steepest way, where rounding shows least.
  const length = Math.hypot(...slope);
  const h = 0.02;
  const moved = async (k: number) => (await run(at.map((value, i) => value + (k * slope[i]!) / length))).loss;
  expect(((await moved(h)) - (await moved(-h))) / (2 * h) / length).toBeCloseTo(1, 1);
}, 30_000);

const root = new URL("../", import.meta.url);
const resources: Resources = {
  ...noResources,
  async image(path) {
    const { data, info } = await sharp(readFileSync(new URL(path, root)))
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data };
  },
};

it("finds a held-out glyph in another style as often as its card says", async () => {
  const styles = ["twemoji", "fluent-3d"];
  const { dataset } = emit(library.get("data/emoji")!, contextOf(newStage(1)), {}, { styles });
  const reader = await (dataset as DatasetValue).open(resources, 0);
  const count = reader.count("heldOut", 0);
  const graph = new Graph();
  const x = graph.input("x", "float32", [count, 3, 32, 32]);
  const [, layer] = (await importFor(count, 128)).instantiate(graph, {
    prefix: "ppocr/",
    inputs: [resample(x, [128, 128], "bilinear")],
  });
  const output = graph.output(resample(layer!, [4, 4], "area"));
  const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const seen = await Promise.all(
    styles.map(async (_, style) => {
      const images = new Float32Array(count * 3 * 32 * 32);
      const items = Array.from(
        { length: count },
        (_item, i) => reader.read("heldOut", i, images, i * 3 * 32 * 32, style).item,
      );
      const result = await session.run({ x: new Tensor("float32", images, [...x.shape]) });
      return { items, rows: unitRows(result[output.name]?.data as Float32Array, count) };
    }),
  );
  const [from, to] = seen as [(typeof seen)[number], (typeof seen)[number]];
  const hits = from.rows.filter((row, i) => {
    const cosines = to.rows.map((other) => row.reduce((sum, value, j) => sum + value * other[j]!, 0));
    return to.items[cosines.indexOf(Math.max(...cosines))] === from.items[i];
  });
  expect(count).toBe(card.numbers.heldOutGlyphs);
  expect(hits.length / count).toBeCloseTo(card.numbers.sameGlyphInOtherStyle, 2);
}, 60_000);

/** Rows without the set's mean, of length 1. */
function unitRows(values: Float32Array, count: number): Float32Array[] {
  const width = values.length / count;
  const mean = Float32Array.from({ length: width }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i * width + j]!;
    return sum / count;
  });
  return Array.from({ length: count }, (_, i) => {
    const row = Float32Array.from({ length: width }, (_value, j) => values[i * width + j]! - mean[j]!);
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
}
