import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import type { Resources } from "@distillery/shared/graph/wires";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { executeRun } from "@distillery/shared/run/execute";
import type { RunSink } from "@distillery/shared/run/job";
import { encodeSafetensors } from "@distillery/shared/run/safetensors";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { library } from "../library";
import { noResources } from "../testing/stage";

const SIZE = 8;
const COUNT = 40;
/** Two classes of pictures: stripes across and stripes down, each shifted and coloured by its number. */
const pixels = Uint8Array.from({ length: COUNT * 3 * SIZE * SIZE }, (_, i) => {
  const [x, y, channel] = [i % SIZE, Math.floor(i / SIZE) % SIZE, Math.floor(i / SIZE ** 2) % 3];
  const picture = Math.floor(i / (3 * SIZE ** 2));
  const along = picture % 2 === 0 ? x : y;
  return (along + picture) % 4 < 2 ? 255 - 5 * picture : 40 + 60 * channel;
});
const resources: Resources = {
  ...noResources,
  dataset: (id) => ({ id, name: "Stripes", size: SIZE, classes: ["across", "down"], count: COUNT }),
  bytes: async () =>
    encodeSafetensors({
      images: { dtype: "uint8", shape: [COUNT, 3, SIZE, SIZE], data: pixels },
      classes: { dtype: "int32", shape: [COUNT], data: Int32Array.from({ length: COUNT }, (_, i) => i % 2) },
    }),
};

const nodes: readonly [id: string, type: string, params?: Params][] = [
  ["data", "data/user-images", { id: "stripes" }],
  ["views", "data/views", { localViews: 1 }],
  ["student", "student/vit", { width: 8, depth: 1, heads: 2, hooks: [0], anySize: true }],
  ["teacher", "student/average", { decay: 0.5 }],
  ["loss", "loss/dino", { prototypes: 8, hidden: 8, bottleneck: 4 }],
  ["trainer", "train/trainer", { steps: 4, batch: 4, checkpointEvery: 0 }],
  ["neighbours", "evaluate/knn", { k: 3, every: 2, batch: 16 }],
  ["export", "export/onnx", { fileName: "features.onnx" }],
];
const wires = [
  "data.dataset views.dataset",
  "data.dataset student.dataset",
  "data.dataset neighbours.dataset",
  "student.weights teacher.weights",
  "student.weights loss.student",
  "student.weights trainer.weights",
  "teacher.weights loss.teacher",
  "teacher.weights neighbours.weights",
  "teacher.weights export.weights",
  "views.global loss.global",
  "views.local loss.local",
  "loss.loss trainer.loss",
];
const document = (): GraphDocument => ({
  ...emptyDocument("self-distillation"),
  nodes: nodes.map(([id, type, params = {}]) => ({ id, type, version: 1, position: { x: 0, y: 0 }, params })),
  edges: wires.map((text) => {
    const [from = [], to = []] = text.split(" ").map((end) => end.split("."));
    return { from: { node: from[0] ?? "", socket: from[1] ?? "" }, to: { node: to[0] ?? "", socket: to[1] ?? "" } };
  }),
});

async function run(): Promise<{
  measured: [number, number][];
  checkpoint: Uint8Array;
  network: Uint8Array;
  sha: string;
}> {
  const measured: [number, number][] = [];
  let [checkpoint, network] = [new Uint8Array(), new Uint8Array()];
  const sink: RunSink = {
    event(event) {
      if (event.type === "metric" && event.node === "neighbours") measured.push([event.step, event.value]);
    },
    frame: () => undefined,
    artifact(name, _type, bytes) {
      if (name === "features.onnx") network = new Uint8Array(bytes);
    },
    checkpoint: (_step, bytes) => {
      checkpoint = new Uint8Array(bytes);
    },
  };
  const control = { taps: [], cancelled: false, turn: () => Promise.resolve() };
  const env = { library, resources, runtime: testRuntime, sink, control, now: () => 0 };
  const summary = await executeRun({ runId: "r", document: document() }, env);
  expect(summary.status).toBe("done");
  return { measured, checkpoint, network, sha: summary.weightsSha256 };
}

it("self-distillation runs: the heads train, the teacher follows, neighbours are asked before, during and after", async () => {
  const { measured, checkpoint, network, sha } = await run();
  expect(measured.map(([step]) => step)).toEqual([0, 2, 4]);
  for (const [, value] of measured) expect(value).toBeGreaterThanOrEqual(0);
  const { variables } = decodeCheckpoint(checkpoint);
  const of = (name: string) => Array.from(variables[name]?.data ?? [], Number);
  for (const path of ["dino.prototypes", "dino.mlp.0.weight", "blocks.0.attn.qkv.weight"]) {
    const [student, teacher] = [of(`student/${path}`), of(`teacher/${path}`)];
    expect(student.length, path).toBeGreaterThan(0);
    expect(teacher).not.toEqual(student);
    student.forEach((value, i) => {
      expect(Math.abs(value - (teacher[i] as number)), path).toBeLessThan(0.02);
    });
  }
  expect(of("loss/centre").some((value) => value !== 0)).toBe(true);
  // The heads are for training only.
  const session = await ort.InferenceSession.create(network, { logSeverityLevel: 3 });
  expect(session.inputNames).toEqual(["images"]);
  expect([...session.outputNames].sort()).toEqual(["embedding", "layer.0"]);
  const images = new ort.Tensor("float32", new Float32Array(3 * 192), [3, 3, SIZE, SIZE]);
  expect((await session.run({ images })).embedding?.dims).toEqual([3, 8]);
  await session.release();
  expect((await run()).sha).toBe(sha);
});
