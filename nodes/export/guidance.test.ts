/** A student that is told the guidance scale: exported with its input `w`, and a teacher and a beginning for others. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { decodeModel } from "@distillery/shared/onnx/codec";
import { beforeAll, expect, it } from "vitest";
import { rewired } from "../testing/rewire";
import { type FinishedRun, runDocument } from "../testing/runs.test-helper";
import { stdGraph } from "../testing/stdGraph";
import { sidecarSchema } from "./sidecar";

const student = { width: 16, depth: 3, guidanceEmbedding: true };
const told = { guidance: "embedded", guidanceScale: 3, every: 0 };

function document(learningRate: number): GraphDocument {
  return rewired(
    stdGraph({
      trainer: { steps: 3, batch: 8, learningRate },
      student,
      teacherPath: { nfe: 8, every: 0 },
      studentPath: { nfe: 4, ...told },
    }),
    { wires: { "jump.condition": "solver.condition", "goal.condition": "solver.condition" } },
  );
}

let first: FinishedRun;
beforeAll(async () => {
  first = await runDocument(document(0.01));
});
const fileOf = ({ artifacts }: FinishedRun) => artifacts.get("student.onnx") as Uint8Array;

it("takes w beside state and time, and its JSON says which", () => {
  expect(first.summary.status).toBe("done");
  expect(
    decodeModel(fileOf(first))
      .inputs.map(({ name }) => name)
      .sort(),
  ).toEqual(["t", "w", "x"]);
  const json = JSON.parse(new TextDecoder().decode(first.artifacts.get("student.json")));
  expect(sidecarSchema.parse(json).sampler).toMatchObject({ guidanceScale: 0, w: 3 });
});

it("serves as a teacher that is told its scale, and gives a student its weights", async () => {
  const again = document(1e-9);
  const nodes = again.nodes.map((node) =>
    node.id === "teacher" ? { ...node, type: "model/onnx", params: { model: "student" } } : node,
  );
  const edges = again.edges.filter(({ to }) => to.node !== "teacher");
  const graph = rewired(
    { ...again, nodes, edges },
    {
      params: { solver: { guidance: "embedded", guidanceScale: 2 }, teacherPath: told },
      wires: { "student.weights": "teacher.weights" },
    },
  );
  const second = await runDocument(graph, { models: { student: fileOf(first) } });
  expect(second.summary.status).toBe("done");
  const [before, after] = [fileOf(first), fileOf(second)].map((bytes) => decodeModel(bytes).initializers);
  const names: string[] = JSON.parse(decodeModel(fileOf(first)).metadata["distillery.weights"] ?? "[]");
  expect(names).toContain("guidance.weight");
  for (const name of names) {
    const [old, now] = [before?.get(name)?.load(), after?.get(name)?.load()] as (Float32Array | undefined)[];
    expect(now?.length).toBe(old?.length);
    expect(now?.some((value) => value !== 0)).toBe(true);
    for (const [i, value] of [...(now ?? [])].entries()) expect(value).toBeCloseTo(old![i]!, 6);
  }
});
