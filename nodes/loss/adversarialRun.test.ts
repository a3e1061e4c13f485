/** The discriminator in a whole graph: two trainers, one step, and what a person sees of it. */
import { readFileSync } from "node:fs";
import { shapeOracle } from "@distillery/server/onnx/shapeOracle";
import { validateDocument } from "@distillery/shared/compile/validate";
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";
import type { UserModelInfo } from "@distillery/shared/graph/modelInfo";
import type { Resources } from "@distillery/shared/graph/wires";
import { ModelImports } from "@distillery/shared/onnx/modelImports";
import type { EventBody } from "@distillery/shared/protocol/events";
import { executeRun } from "@distillery/shared/run/execute";
import type { RunEnvironment } from "@distillery/shared/run/job";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { describe, expect, it } from "vitest";
import { pictureLibrary } from "../testing/pictures";
import { noResources } from "../testing/stage";

const nodes: readonly [id: string, type: string, params?: Params][] = [
  ["data", "data/pictures"],
  ["schedule", "schedule/vp"],
  ["start", "data/start"],
  ["target", "time/target"],
  ["student", "student/unet", { width: 4, multipliers: [1], patch: 4, groups: 2, attention: false }],
  ["jump", "student/jump"],
  ["loss", "loss/consistency"],
  ["teacher", "model/ideal-denoiser"],
  ["solver", "solver/ddim"],
  ["goal", "student/jump"],
  ["features", "model/eye"],
  ["disc", "loss/discriminator", { startStep: 3, projection: 4, embedding: 4 }],
  // First in the document: the run is still about the student.
  ["heads", "train/trainer", { steps: 6, batch: 4, startStep: 2, learningRate: 0.01 }],
  ["trainer", "train/trainer", { steps: 6, batch: 4, checkpointEvery: 4 }],
  ["seen", "inspect/image-grid", { rows: 2, every: 3 }],
  ["curves", "inspect/curve"],
];
const wires = `
  data.dataset > start.dataset, teacher.dataset, student.dataset
  schedule.schedule > start.schedule
  start.x > solver.x, jump.x
  start.condition > solver.condition, jump.condition, goal.condition, disc.condition
  teacher.weights > solver.weights
  solver.x > target.x, goal.x
  student.weights > jump.weights, trainer.weights
  teacher.weights > goal.weights
  target.s > jump.s, goal.s
  jump.x > loss.student, disc.fake
  goal.x > loss.target
  start.x0 > disc.real
  features.weights > disc.weights
  loss.loss > trainer.loss
  disc.generatorLoss > trainer.loss
  disc.discriminatorLoss > heads.loss
  disc.weights > heads.weights
  disc.seenFake > seen.images
  disc.seenReal > seen.images
  disc.fakeLogit > curves.metrics
  disc.penalty > curves.metrics
  heads.loss > curves.metrics
  trainer.loss > curves.metrics
`;

const end = (text: string) => {
  const [node = "", socket = ""] = text.trim().split(".");
  return { node, socket };
};
const document: GraphDocument = {
  ...emptyDocument("adversarial"),
  nodes: nodes.map(([id, type, params = {}]) => ({ id, type, params, position: { x: 0, y: 0 } })),
  edges: wires
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [from = "", to = ""] = line.split(">");
      return to.split(",").map((each) => ({ from: end(from), to: end(each) }));
    }),
};

async function run(checkpoint?: Uint8Array, given = document, more: Partial<RunEnvironment> = {}, steps = 6) {
  const events: EventBody[] = [];
  const frames: { node: string; values: Float32Array }[] = [];
  const saved = new Map<number, Uint8Array>();
  const files = new Map<string, Uint8Array>();
  const summary = await executeRun(
    { runId: "test", document: given, steps, ...(checkpoint === undefined ? {} : { checkpoint }) },
    {
      library: pictureLibrary,
      resources: noResources,
      runtime: testRuntime,
      sink: {
        event: (body) => events.push(body),
        frame: ({ node }, values) => frames.push({ node, values }),
        checkpoint: (step, bytes) => saved.set(step, bytes),
        artifact: (name, _mime, bytes) => files.set(name, bytes),
      },
      control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
      // A second passes at every look, so that every step is reported.
      now: () => (clock += 1000),
      ...more,
    },
  );
  expect(summary).toMatchObject({ status: "done", steps });
  const series = events.flatMap((event) => (event.type === "step" ? [event.series] : []));
  return { summary, series, frames, saved, files };
}
let clock = 0;

describe("a discriminator beside a student", () => {
  it("learns in the same steps, from its start on, and continues from a checkpoint", async () => {
    const whole = await run();
    const { series, frames, saved, files, summary } = whole;
    expect(series).toHaveLength(6);
    for (const name of ["disc.fakeLogit", "disc.realLogit", "disc.penalty", "heads.loss", "trainer.loss"])
      for (const step of series) expect(step[name]).toBeTypeOf("number");
    expect(series.map((step) => step["heads.learningRate"])).toEqual([0, 0, 0.01, 0.01, 0.01, 0.01].map(Math.fround));
    // The run is about the student: its loss is the run's, and its network is the file.
    expect(summary.metrics.lossFirst).toBeCloseTo(series[0]?.["trainer.loss"] as number, 5);
    const exported = await testRuntime.createSession(files.get("student.onnx") as Uint8Array);
    expect(exported.outputs).toEqual(["predX0", "eps"]);

    // At steps 0 and 3: two fakes above two real images, of the data's size.
    expect(frames.map(({ node, values }) => [node, values.length])).toEqual(
      [0, 3].map(() => ["seen", 3 * (2 * 12 + 1) * (2 * 12 + 1)]),
    );

    const { tensors } = decodeSafetensors(saved.get(4) as Uint8Array);
    const heads = Object.keys(tensors).filter((name) => name.startsWith("variable:disc/heads."));
    expect(heads).toContain("variable:disc/heads.0.cls.u");
    const resumed = await run(saved.get(4));
    expect(resumed.summary.weightsSha256).toBe(summary.weightsSha256);
  });

  it("looks through a file's blocks, checked before the file is imported", async () => {
    const bytes = readFileSync(new URL("../model/fixtures/vit.onnx", import.meta.url));
    const info: UserModelInfo = {
      id: "vit",
      name: "vit.onnx",
      bytes: bytes.length,
      inputs: [{ name: "pixel_values", shape: ["batch", 3, 8, 8] }],
      outputs: [{ name: "cls", shape: ["batch", 8] }],
    };
    const resources: Resources = { ...noResources, model: (id) => (id === "vit" ? info : undefined) };
    const params = { model: "vit", hooks: ["blocks.0", "blocks.2"], layerNorm: "norm", normalisation: "imagenet" };
    const features = { id: "features", type: "model/encoder", params, position: { x: 0, y: 0 } };
    const other = { ...document, nodes: document.nodes.map((node) => (node.id === "features" ? features : node)) };
    expect(validateDocument(other, pictureLibrary, resources).issues).toEqual([]);
    const imports = new ModelImports(async () => bytes, shapeOracle);
    const { series } = await run(undefined, other, { resources, imports }, 1);
    expect(series[0]?.["disc.penalty"]).toBeGreaterThan(0);
  });
});
