import { validateDocument } from "@distillery/shared/compile/validate";
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import type { HostTensors } from "@distillery/shared/graph/node";
import { executeRun } from "@distillery/shared/run/execute";
import type { RunSink, RunSummary } from "@distillery/shared/run/job";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { noResources } from "../testing/stage";

/** Two styles, told apart by their brightness; every pixel differs a little. */
const image = async (path: string) => ({
  width: 28 * 32,
  height: 27 * 32,
  channels: 3 as const,
  data: Uint8Array.from(
    { length: 28 * 27 * 32 * 32 * 3 },
    (_, i) => (path.includes("flat") ? 60 : 160) + ((i * 37) % 64),
  ),
});

const training: readonly [id: string, type: string, params?: Params][] = [
  ["data", "data/emoji", { styles: ["fluent-3d", "fluent-flat"], limit: 20 }],
  ["schedule", "schedule/vp"],
  ["start", "data/start"],
  ["heldOut", "data/start", { split: "heldOut" }],
  ["trainer", "train/trainer", { batch: 8, learningRate: 0.003, checkpointEvery: 0 }],
  ["export", "export/onnx", { fileName: "encoder.onnx" }],
];

const wires = `
  data.dataset > start.dataset, heldOut.dataset, encoder.dataset
  schedule.schedule > start.schedule, heldOut.schedule
  encoder.weights > loss.weights, trainer.weights, measure.weights, export.weights
  start.x0 > loss.images
  start.condition > loss.condition
  heldOut.x0 > measure.images
  heldOut.condition > measure.condition
  loss.loss > trainer.loss
`;

const end = (text: string) => {
  const [node = "", socket = ""] = text.trim().split(".");
  return { node, socket };
};

function documentOf(others: readonly [id: string, type: string, params?: Params][], more = ""): GraphDocument {
  const edges = `${wires}${more}`
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [from = "", to = ""] = line.split(">");
      return to.split(",").map((each) => ({ from: end(from), to: end(each) }));
    });
  const nodes = [...training, ...others].map(([id, type, params = {}]) => ({
    id,
    type,
    params,
    position: { x: 0, y: 0 },
  }));
  return { ...emptyDocument("encoder"), nodes, edges };
}

async function train(document: GraphDocument, steps: number): Promise<{ summary: RunSummary; file: Uint8Array }> {
  const artifacts = new Map<string, Uint8Array>();
  const sink: RunSink = {
    event: () => undefined,
    frame: () => undefined,
    checkpoint: () => undefined,
    artifact: (name, _mime, bytes) => artifacts.set(name, bytes),
  };
  const summary = await executeRun(
    { runId: "test", document, steps },
    {
      library,
      resources: { ...noResources, image },
      runtime: testRuntime,
      sink,
      control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
      now: () => performance.now(),
    },
  );
  const file = artifacts.get("encoder.onnx");
  if (file === undefined) throw new Error("no encoder.onnx");
  return { summary, file };
}

/** Every output for each batch of made-up images, by name. */
async function outputsFor(file: Uint8Array, batches: readonly (readonly number[])[]) {
  const session = await testRuntime.createSession(file);
  expect(session.inputs).toEqual(["images"]);
  const size = 3 * 32 * 32;
  const runs = batches.map(async (rows) => {
    const data = Float32Array.from({ length: rows.length * size }, (_, i) =>
      Math.sin((rows[Math.floor(i / size)] ?? 0) * 1e4 + (i % size)),
    );
    const images = { dtype: "float32" as const, shape: [rows.length, 3, 32, 32], data };
    const outputs = await session.run({ images }, session.outputs);
    const entries = Object.entries(outputs).map(
      async ([name, tensor]) => [name, await testRuntime.download(tensor)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  });
  return Promise.all(runs);
}

describe("training and exporting an encoder", () => {
  it("a convolutional judge learns, is measured, and is written for any batch size", async () => {
    const { summary, file } = await train(
      documentOf([
        ["encoder", "student/cnn", { width: 8, multipliers: [1, 2], patch: 4, classifies: ["class", "content"] }],
        ["loss", "loss/classification", { labels: ["class"], smoothing: 0 }],
        ["measure", "evaluate/accuracy", { every: 5 }],
      ]),
      20,
    );
    expect(summary.status).toBe("done");
    expect(summary.metrics.lossLast).toBeLessThan(0.5 * (summary.metrics.lossFirst as number));
    expect(summary.metrics.classAccuracy).toBe(1);
    expect(summary.metrics.contentAccuracy).toBeLessThan(0.5);
    const [one = {}, two = {}] = await outputsFor(file, [[2], [1, 2, 3]]);
    expect(Object.fromEntries(Object.entries(two).map(([name, { shape }]) => [name, shape]))).toEqual({
      embedding: [3, 16],
      "layer.0": [3, 8, 64],
      "layer.1": [3, 16, 16],
      class: [3, 2],
      content: [3, 65],
    });
    expectSameRow(one, two, 1);
  });

  it("a vision transformer learns a descriptor", async () => {
    const { summary, file } = await train(
      documentOf(
        [
          ["encoder", "student/vit", { width: 16, heads: 2, depth: 2, patch: 8, hooks: [1], projection: 8 }],
          ["loss", "loss/contrastive"],
          ["measure", "evaluate/retrieval", { every: 5 }],
        ],
        "start.x0 > measure.references\n  start.condition > measure.referenceCondition\n",
      ),
      20,
    );
    // Four images of each style cannot do better than -log 1/3.
    expect(summary.metrics.lossLast).toBeLessThan(summary.metrics.lossFirst as number);
    expect(summary.metrics.lossLast).toBeCloseTo(Math.log(3), 2);
    expect(summary.metrics.nearestAccuracy).toBe(1);
    const [one = {}, two = {}] = await outputsFor(file, [[2], [1, 2, 3]]);
    expect(Object.fromEntries(Object.entries(two).map(([name, { shape }]) => [name, shape]))).toEqual({
      embedding: [3, 8],
      "layer.0": [3, 16, 16],
    });
    expectSameRow(one, two, 1);
  });

  it("draws no noise for images that stay clean", () => {
    const { plan } = validateDocument(
      documentOf([
        ["encoder", "student/cnn", { classifies: ["class"] }],
        ["loss", "loss/classification"],
        ["measure", "evaluate/accuracy"],
      ]),
      library,
      noResources,
    );
    expect(plan?.train?.builder.randoms).toEqual([]);
    const inputs = plan?.train?.builder.hostInputs.map(({ input }) => input).sort();
    expect(inputs).toEqual(["heldOut.class", "heldOut.x0", "start.class", "start.x0"]);
  });
});

/** A batch of one gives what that image gives among others. */
function expectSameRow(alone: HostTensors, among: HostTensors, row: number): void {
  for (const [name, { data }] of Object.entries(alone)) {
    const all = Array.from(among[name]?.data ?? [], Number);
    Array.from(data, Number).forEach((value, i) => {
      expect(Math.abs(value - (all[row * data.length + i] ?? Number.NaN)), name).toBeLessThan(1e-4);
    });
  }
}
