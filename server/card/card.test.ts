import { encodeModel } from "@distillery/shared/onnx/codec";
import { Graph } from "@distillery/shared/onnx/graph";
import { identity } from "@distillery/shared/onnx/ops";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { cardText } from "./cardText";
import { averaged, curvePicture, curveSvg } from "./curvePicture";
import { signatureOf } from "./facts";

const points = Array.from({ length: 50 }, (_, i) => ({ step: 10 * (i + 1), value: 2 / (i + 1) }));

describe("the curve of a card", () => {
  it("is a picture that names its ends", async () => {
    const { width, height, format } = await sharp(await curvePicture("Loss", points)).metadata();
    expect({ width, height, format }).toEqual({ width: 720, height: 300, format: "png" });
    const svg = curveSvg('Loss of "<b>"', points);
    expect(svg).toContain(">500<");
    expect(svg).toContain(">2.00<");
    expect(svg).toContain(">0.0400<");
    expect(svg).not.toContain("<b>");
  });

  it("survives a curve without a point, and values no logarithm takes", () => {
    expect(curveSvg("Loss", [])).not.toContain("NaN,");
    expect(curveSvg("Loss", [{ step: 1, value: 0 }, ...points])).not.toContain("-Infinity");
  });

  it("smooths towards a constant", () => {
    expect(averaged([1, 1, 1])).toEqual([1, 1, 1]);
    expect(averaged(Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : 1))).at(-1)).toBeGreaterThan(0.99);
  });
});

it("reads what a file takes and gives, and whether it denoises", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 3]);
  graph.output(identity(x));
  const signature = signatureOf(encodeModel(graph));
  expect(signature.kind).toBe("encoder");
  expect(signature.inputs).toEqual([{ name: "x", dtype: "float32", shape: [2, 3] }]);
});

it("says in words how a model was made", () => {
  const text = cardText(
    {
      id: "m",
      title: "Model",
      kind: "denoiser",
      file: "model.onnx",
      inputs: [{ name: "x", dtype: "float32", shape: ["batch", 2] }],
      outputs: [{ name: "predX0", dtype: "float32", shape: ["batch", 2] }],
      data: "points",
      licence: "MIT",
      architecture: "an MLP",
      steps: 100,
      seed: 7,
      numbers: { error: 0.5 },
      command: "distillery run x",
    },
    {
      graph: "G",
      description: "D",
      steps: 100,
      seed: 7,
      device: "cpu",
      seconds: 120,
      parameters: 9,
      graphHash: "ab",
      metrics: {},
      nodes: [{ title: "T", type: "train/trainer", params: { steps: 100, styles: ["a", "b"] } }],
      loss: [],
    },
    true,
  );
  expect(text).toContain("| Training | 100 steps, seed 7, cpu, 2 minutes |");
  expect(text).toContain("`x` float32 [batch, 2]");
  expect(text).toContain("| T | `train/trainer` | steps 100, styles a b |");
});
