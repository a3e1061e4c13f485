/** Students that start from a file: trained, resumed, exported. */

import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument, Params } from "@distillery/shared/graph/document";
import { decodeModel } from "@distillery/shared/onnx/codec";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { beforeAll, describe, expect, it } from "vitest";
import { library } from "../library";
import { type FinishedRun, infoOf, runDocument } from "../testing/runs.test-helper";
import { noResources } from "../testing/stage";
import { stdGraph } from "../testing/stdGraph";

const STEPS = 4;
const trainer = { steps: STEPS, batch: 32, checkpointEvery: 2, learningRate: 0.01 };
const samplers = { teacherPath: { nfe: 8 }, studentPath: { nfe: 4 } };

/** Graph of STD whose teacher is the file "teacher", and whose student starts from it; its average is saved, too. */
function fromTeacher(type: "student/copy" | "student/lora", params: Params = {}, precision = "float32"): GraphDocument {
  const graph = stdGraph(
    { ...samplers, trainer, teacher: { model: "teacher" }, student: params },
    { "ema.weights": "student.weights", "file.weights": "student.weights", "onnx.weights": "ema.weights" },
    [
      ["ema", "student/average"],
      ["file", "export/checkpoint"],
      ["onnx", "export/onnx", { fileName: "average.onnx", precision }],
    ],
  );
  const types: Record<string, string> = { teacher: "model/onnx", student: type };
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, type: types[node.id] ?? node.type })),
    edges: [
      ...graph.edges.filter(({ to }) => to.socket !== "dataset" || !(to.node in types)),
      { from: { node: "teacher", socket: "weights" }, to: { node: "student", socket: "weights" } },
    ],
  };
}

let file: Uint8Array;
beforeAll(async () => {
  const document = stdGraph({ ...samplers, trainer: { ...trainer, steps: 30 }, student: { width: 16, depth: 3 } });
  file = (await runDocument(document)).artifacts.get("student.onnx") as Uint8Array;
});
const run = (document: GraphDocument, checkpoint?: Uint8Array) =>
  runDocument(document, { models: { teacher: file }, checkpoint });

const NAMES = ["hidden.1", "hidden.2", "in", "out"].flatMap((layer) => [`${layer}.bias`, `${layer}.weight`]);
const weightsOf = (bytes: Uint8Array | undefined) => {
  const { initializers, metadata } = decodeModel(bytes as Uint8Array);
  const names: string[] = JSON.parse(metadata["distillery.weights"] ?? "[]");
  return new Map(names.sort().map((name) => [name, initializers.get(name)]));
};
const variablesAt = ({ checkpoints }: FinishedRun, step: number) =>
  Object.keys(decodeCheckpoint(checkpoints.get(step) as Uint8Array).variables).sort();

/** Largest difference of two files' predictions. */
async function difference(a: Uint8Array | undefined, b: Uint8Array | undefined): Promise<number> {
  const feeds = {
    x: { dtype: "float32" as const, shape: [3, 2], data: Float32Array.of(0.1, 1, -1, 0.3, 2, -0.7) },
    t: { dtype: "int64" as const, shape: [3], data: BigInt64Array.of(99n, 400n, 779n) },
  };
  const [one, other] = await Promise.all(
    [a, b].map(async (bytes) => {
      const session = await testRuntime.createSession(bytes as Uint8Array);
      const { predX0 } = await session.run(feeds, ["predX0"]);
      return Array.from((await testRuntime.download(predX0!)).data, Number);
    }),
  );
  return Math.max(...one!.map((value, i) => Math.abs(value - (other![i] as number))));
}

it("files keep the names of their weights, and nothing else counts as one", () => {
  expect([...weightsOf(file).keys()]).toEqual(NAMES);
});

it.each(["student/copy", "student/lora"] as const)(
  "%s is checked without a warning where files cannot be imported",
  (type) => {
    const resources = { ...noResources, model: (id: string) => infoOf(id, file) };
    const { issues, plan } = validateDocument(fromTeacher(type), library, resources);
    expect(issues).toEqual([]);
    expect(plan?.train?.steps).toBe(STEPS);
  },
);

describe("a full copy", () => {
  it("starts with the file's weights, is trained, averaged and exported, and goes on from a checkpoint", async () => {
    const whole = await run(fromTeacher("student/copy"));
    expect(whole.summary).toMatchObject({ status: "done", steps: STEPS });
    expect(whole.events).toContainEqual(
      expect.objectContaining({ type: "log", node: "student", message: expect.stringContaining("in 8 tensors") }),
    );
    // The frozen teacher is no variable: checkpoints hold the student, its average and the optimiser only.
    expect(variablesAt(whole, 2).filter((name) => !name.startsWith("trainer/"))).toEqual(
      ["ema", "student"].flatMap((owner) => NAMES.map((name) => `${owner}/${name}`)),
    );
    const resumed = await run(fromTeacher("student/copy"), whole.checkpoints.get(2));
    expect(resumed.summary.weightsSha256).toBe(whole.summary.weightsSha256);
    const student = whole.artifacts.get("student.onnx");
    expect([...weightsOf(student).keys()]).toEqual(NAMES);
    expect(await difference(student, file)).toBeGreaterThan(1e-4);
    const still = fromTeacher("student/copy");
    const nodes = still.nodes.map((node) =>
      node.id === "trainer" ? { ...node, params: { ...node.params, steps: 1, learningRate: 1e-12 } } : node,
    );
    expect(await difference((await run({ ...still, nodes })).artifacts.get("student.onnx"), file)).toBeLessThan(1e-6);
  });

  it("can start from a network of the graph, too", async () => {
    const graph = fromTeacher("student/copy");
    const document: GraphDocument = {
      ...graph,
      nodes: graph.nodes.map((node) =>
        node.id === "teacher" ? { ...node, type: "student/mlp", params: { width: 16, depth: 3 } } : node,
      ),
      edges: [
        ...graph.edges,
        { from: { node: "data", socket: "dataset" }, to: { node: "teacher", socket: "dataset" } },
      ],
    };
    const { summary, checkpoints } = await run(document);
    expect(summary.status).toBe("done");
    const { variables } = decodeCheckpoint(checkpoints.get(2) as Uint8Array);
    expect(Object.keys(variables).filter((name) => name.startsWith("student/"))).toHaveLength(8);
  });
});

describe("a LoRA", () => {
  it("trains its matrices alone; its file is the teacher with the change worked in", async () => {
    const document = fromTeacher("student/lora", { rank: 2, alpha: 8, targets: "in, hidden.*" });
    const whole = await run(document);
    expect(whole.summary).toMatchObject({ status: "done", steps: STEPS });
    const matrices = ["hidden.1", "hidden.2", "in"].flatMap((layer) =>
      ["A", "B"].map((side) => `${layer}.lora_${side}.weight`),
    );
    expect(variablesAt(whole, 2).filter((name) => !name.startsWith("trainer/"))).toEqual(
      ["ema", "student"].flatMap((owner) => matrices.map((name) => `${owner}/${name}`)),
    );
    const resumed = await run(document, whole.checkpoints.get(2));
    expect(resumed.summary.weightsSha256).toBe(whole.summary.weightsSha256);

    const saved = decodeSafetensors(whole.artifacts.get("student.safetensors") as Uint8Array);
    expect(Object.keys(saved.tensors).sort()).toEqual(matrices);
    expect(saved.metadata).toMatchObject({
      peft_type: "LORA",
      rank: "2",
      alpha: "8",
      targets: '["in","hidden.1","hidden.2"]',
    });
    expect(saved.tensors["in.lora_A.weight"]?.shape).toEqual([2, 11]);
    expect(saved.tensors["in.lora_B.weight"]?.shape).toEqual([16, 2]);

    const student = weightsOf(whole.artifacts.get("student.onnx"));
    const teacher = weightsOf(file);
    expect([...student.keys()]).toEqual(NAMES);
    expect(student.get("out.weight")?.load()).toEqual(teacher.get("out.weight")?.load());
    const [a, b] = ["A", "B"].map((side) => saved.tensors[`hidden.1.lora_${side}.weight`]?.data as Float32Array);
    const base = teacher.get("hidden.1.weight")?.load() as Float32Array;
    const merged = student.get("hidden.1.weight")?.load() as Float32Array;
    for (let o = 0; o < 16; o++) {
      for (let i = 0; i < 16; i++) {
        const change = 4 * (b![2 * o]! * a![i]! + b![2 * o + 1]! * a![16 + i]!);
        expect(merged[16 * o + i]).toBeCloseTo(base[16 * o + i]! + change, 5);
      }
    }
    expect(await difference(whole.artifacts.get("student.onnx"), file)).toBeGreaterThan(1e-4);
  });

  it("can go on from a saved one", async () => {
    const first = await run(fromTeacher("student/lora", { rank: 2 }));
    const document = fromTeacher("student/lora", { rank: 2, initFrom: "run:1/student.safetensors" });
    const nodes = document.nodes.map((node) =>
      node.id === "trainer" ? { ...node, params: { ...node.params, steps: 1, learningRate: 1e-12 } } : node,
    );
    const saved = first.artifacts.get("student.safetensors") as Uint8Array;
    const second = await runDocument(
      { ...document, nodes },
      { models: { teacher: file }, resources: { bytes: async () => saved } },
    );
    const [one, other] = [first, second].map(({ artifacts }) => artifacts.get("student.onnx"));
    expect(await difference(one, other)).toBeLessThan(1e-6);
  });

  it("works on a file of float16 weights, and writes one", async () => {
    const copied = await run(fromTeacher("student/copy", {}, "float16"));
    const half = copied.artifacts.get("average.onnx") as Uint8Array;
    expect(weightsOf(half).get("hidden.1.weight")?.dtype).toBe("float16");
    const still = fromTeacher("student/lora", { rank: 1, alpha: 1 });
    const { summary, artifacts } = await runDocument(still, { models: { teacher: half } });
    expect(summary.status).toBe("done");
    expect([...weightsOf(artifacts.get("student.onnx")).keys()]).toEqual(NAMES);
    expect(weightsOf(artifacts.get("student.onnx")).get("hidden.1.weight")?.dtype).toBe("float32");
  });
});
