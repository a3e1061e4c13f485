import type { GraphDocument } from "@distillery/shared/graph/document";
import { executeRun } from "@distillery/shared/run/execute";
import type { RunSink } from "@distillery/shared/run/job";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { templates } from "../templates/index";
import { noResources } from "../testing/stage";

/** The graph of a template without its teacher's data files: one step, no evaluation. */
async function exportedAfterOneStep(document: GraphDocument): Promise<Uint8Array> {
  const artifacts = new Map<string, Uint8Array>();
  const sink: RunSink = {
    event: () => undefined,
    frame: () => undefined,
    checkpoint: () => undefined,
    artifact: (name, _mime, bytes) => artifacts.set(name, bytes),
  };
  const image = async () => ({
    width: 28 * 32,
    height: 27 * 32,
    channels: 3 as const,
    data: new Uint8Array(28 * 27 * 32 * 32 * 3).fill(90),
  });
  const summary = await executeRun(
    { runId: "test", document, steps: 1 },
    {
      library,
      resources: { ...noResources, image },
      runtime: testRuntime,
      sink,
      control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
      now: () => performance.now(),
    },
  );
  expect(summary.status).toBe("done");
  const file = artifacts.get("student.onnx");
  if (file === undefined) throw new Error("no student.onnx");
  return file;
}

const evaluationFamilies = ["evaluate", "inspect"];
const withoutEvaluation = (document: GraphDocument, batch: number): GraphDocument => {
  const nodes = document.nodes
    .filter(({ type }) => !evaluationFamilies.includes(type.split("/")[0] ?? ""))
    .map((node) => (node.type === "train/trainer" ? { ...node, params: { ...node.params, batch } } : node));
  const kept = new Set(nodes.map(({ id }) => id));
  return {
    ...document,
    nodes,
    edges: document.edges.filter(({ from, to }) => kept.has(from.node) && kept.has(to.node)),
    frames: [],
  };
};

describe("export/onnx", () => {
  it.each([
    ["std-2d", [2], 0],
    ["std-style-32", [3, 32, 32], 1],
  ])("writes the student of %s for any batch size, each sample on its own", async (id, sample, classes) => {
    const template = templates.find((candidate) => candidate.id === id);
    if (template === undefined) throw new Error(`no template ${id}`);
    const file = await exportedAfterOneStep(withoutEvaluation(template.document, 2));
    const session = await testRuntime.createSession(file);
    expect([...session.inputs].sort()).toEqual(classes > 0 ? ["class", "content", "t", "x"] : ["t", "x"]);
    const size = sample.reduce((product, d) => product * d, 1);
    const feeds = (rows: readonly number[]) => ({
      x: {
        dtype: "float32" as const,
        shape: [rows.length, ...sample],
        data: Float32Array.from({ length: rows.length * size }, (_, i) =>
          Math.sin((rows[Math.floor(i / size)] ?? 0) * 1e4 + (i % size)),
        ),
      },
      t: {
        dtype: "int64" as const,
        shape: [rows.length],
        data: BigInt64Array.from(rows, (row) => BigInt(100 * row + 79)),
      },
      ...(classes > 0
        ? {
            class: {
              dtype: "int64" as const,
              shape: [rows.length],
              data: BigInt64Array.from(rows, (row) => BigInt(row % 2)),
            },
            content: {
              dtype: "int64" as const,
              shape: [rows.length],
              data: BigInt64Array.from(rows, (row) => BigInt(row)),
            },
          }
        : {}),
    });
    const run = async (rows: readonly number[]) => {
      const outputs = await session.run(feeds(rows), ["predX0", "eps"]);
      return Promise.all(Object.values(outputs).map((tensor) => testRuntime.download(tensor)));
    };
    const rows = [0, 1, 2, 3, 4];
    const together = (await run(rows)).map(({ data }) => Array.from(data, Number));
    for (const row of rows) {
      const alone = await run([row]);
      alone.forEach(({ data, shape }, k) => {
        expect(shape).toEqual([1, ...sample]);
        const same = together[k]?.slice(row * size, (row + 1) * size) ?? [];
        for (let i = 0; i < size; i++) expect(Math.abs(Number(data[i]) - (same[i] ?? Number.NaN))).toBeLessThan(1e-4);
      });
    }
  });
});
