import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { defineNode, NodeLibrary, wire } from "@distillery/shared/graph/node";
import type { StateValue } from "@distillery/shared/graph/wires";
import { div, mul, reduceMean, sqrt, square, sub } from "@distillery/shared/onnx/ops";
import type { EventBody } from "@distillery/shared/protocol/events";
import { SCORES, type ScoreReport, scoreReportSchema } from "@distillery/shared/protocol/scores";
import { executeRun } from "@distillery/shared/run/execute";
import { testRuntime } from "@distillery/shared/run/testing/nodeRuntime";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { coefficients } from "../schedule/prediction";
import { pictureGraph, pictureLibrary } from "../testing/pictures";
import { noResources } from "../testing/stage";

async function run(document: GraphDocument, library = pictureLibrary) {
  const events: EventBody[] = [];
  const files = new Map<string, string>();
  const summary = await executeRun(
    { runId: "r", document },
    {
      library,
      resources: noResources,
      runtime: testRuntime,
      sink: {
        event: (body) => events.push(body),
        frame: () => undefined,
        checkpoint: () => undefined,
        artifact: (name, _mime, bytes) => files.set(name, new TextDecoder().decode(bytes)),
      },
      control: { taps: [], cancelled: false, turn: () => Promise.resolve() },
      now: () => performance.now(),
    },
  );
  const reports = new Map<string, { step: number; report: ScoreReport }[]>();
  for (const event of events) {
    if (event.type !== "data" || event.name !== SCORES) continue;
    const found = reports.get(event.node) ?? [];
    found.push({ step: event.step, report: scoreReportSchema.parse(event.value) });
    reports.set(event.node, found);
  }
  return { summary, events, reports, files };
}

/** Standard deviation of what was added to the source, per picture: 1 when it is the path's own source. */
const startNoise = defineNode({
  type: "evaluate/start-noise",
  version: 1,
  title: "Start noise",
  family: "evaluate",
  help: "How noisy the paths begin.",
  inputs: { trajectory: wire.trajectory.many(), source: wire.image },
  outputs: { startNoise: wire.metric },
  params: z.object({}),
  scorer: {
    metrics: { startNoise: { title: "Start noise", better: "lower" } },
    aligned: ["source"],
    states: () => [0],
    emit({ source }, _params, _context, { states }) {
      const [{ x, t }] = states as [StateValue];
      const { alpha, sigma } = coefficients(t, x);
      const noise = div(sub(x, mul(alpha, source.x)), sigma);
      return { startNoise: sqrt(reduceMean(square(noise), { axes: [1, 2, 3], keepdims: false })) };
    },
  },
});

const issuesOf = (document: GraphDocument) => validateDocument(document, pictureLibrary, noResources).issues;

describe("an evaluated run", () => {
  it("reports a row per path, as an event at every evaluation", async () => {
    expect(issuesOf(pictureGraph())).toEqual([]);
    const { summary, events, reports, files } = await run(pictureGraph());
    expect(summary.status).toBe("done");
    const psnr = reports.get("psnr") ?? [];
    expect(psnr.map(({ step }) => step)).toEqual([0, 2, 4]);
    const { rows } = psnr.at(-1)!.report;
    expect(rows.map(({ sampler, nfe, guidanceScale }) => [sampler, nfe, guidanceScale])).toEqual([
      ["teacherPath", 9, 1],
      ["grid", 4, 1],
      ["grid", 4, 3],
      ["grid", 2, 1],
      ["grid", 2, 3],
    ]);
    expect(rows.every(({ millisecondsPerImage }) => millisecondsPerImage > 0)).toBe(true);
    for (const { values } of rows) {
      expect(values.psnr?.n).toBe(6);
      expect(values.psnr!.low).toBeLessThanOrEqual(values.psnr!.mean);
      expect(values.psnr!.high).toBeGreaterThanOrEqual(values.psnr!.mean);
    }
    // The teacher makes dark bars of bright ones; an untrained student makes something grey.
    const [teacher, student] = reports.get("judge")!.at(-1)!.report.rows;
    expect(teacher!.values.styleAccuracy).toMatchObject({ mean: 1, high: 1, n: 6 });
    expect(rows[0]!.values.psnr!.mean).toBeGreaterThan(rows[1]!.values.psnr!.mean + 5);
    expect(student!.values.styleAccuracy!.mean).toBeLessThanOrEqual(1);
    expect(reports.get("style")!.at(-1)!.report.rows[0]!.values.styleSimilarity!.mean).toBeGreaterThan(0.95);
    expect(Object.keys(reports.get("ssim")!.at(-1)!.report.rows[0]!.values)).toEqual(["ssim", "ssimToSource"]);
    expect(reports.get("fd")!.at(-1)!.report.rows[0]!.values.fd!.n).toBe(6);
    const metrics = events.filter((event) => event.type === "metric" && event.step === 4 && event.node === "psnr");
    expect(metrics.map((event) => event.type === "metric" && event.name)).toEqual([
      "psnr",
      "psnr@9",
      "psnr@4:g1",
      "psnr@4:g3",
      "psnr@2:g1",
      "psnr@2:g3",
    ]);
    const lines = files.get("scores.csv")!.trim().split("\r\n");
    expect(lines[0]).toBe("sampler,title,nfe,guidance_scale,metric,image,value");
    expect(lines.filter((line) => line.startsWith("grid,Evaluation grid,4,3,psnr,"))).toHaveLength(6);
    expect(lines.filter((line) => line.includes(",fd,all,"))).toHaveLength(5);
  });

  it("measures a path that cannot change once, unless a network that learns looks at it", async () => {
    const { events, reports } = await run(pictureGraph());
    const done = (node: string) =>
      events.filter((event) => event.type === "node" && event.node === node && event.state === "done");
    expect(done("teacherPath")).toHaveLength(1);
    const teacher = reports.get("psnr")!.map(({ report }) => report.rows[0]!.values.psnr!.mean);
    expect(new Set(teacher).size).toBe(1);
    const errors = reports.get("consistency")!.map(({ report }) => report.rows[0]!.values.selfConsistencyError!.mean);
    expect(new Set(errors).size).toBe(3);
  });

  it("compares with the very samples the paths began from", async () => {
    const document = pictureGraph({ scored: false, params: { heldOut: { eta: 0.1, sourceClasses: [] } } });
    const edge = (from: string, socket: string) => ({ from: { node: from, socket }, to: { node: "noise", socket } });
    const noise = { id: "noise", type: startNoise.type, params: {}, position: { x: 0, y: 0 } };
    const { files } = await run(
      {
        ...document,
        nodes: [...document.nodes, noise],
        edges: [
          ...document.edges,
          edge("grid", "trajectory"),
          { from: { node: "heldOut", socket: "x0" }, to: { node: "noise", socket: "source" } },
        ],
      },
      new NodeLibrary([...pictureLibrary.all(), startNoise]),
    );
    const values = files
      .get("scores.csv")!
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => Number(line.split(",").at(-1)));
    expect(values).toHaveLength(4 * 6);
    for (const value of values) expect(Math.abs(value - 1)).toBeLessThan(0.15);
  });

  it("scores the same pictures with the same seed, and others with another", async () => {
    const psnr = async (seed: number) => {
      const document = { ...pictureGraph({ params: { trainer: { steps: 1 } } }), seed };
      return (await run(document)).files.get("scores.csv");
    };
    expect(await psnr(3)).toBe(await psnr(3));
    expect(await psnr(4)).not.toBe(await psnr(3));
  });
});

describe("what cannot be scored", () => {
  const rewire = (
    change: (edges: GraphDocument["edges"]) => GraphDocument["edges"],
    extra: GraphDocument["nodes"] = [],
  ) => {
    const document = pictureGraph();
    return issuesOf({ ...document, nodes: [...document.nodes, ...extra], edges: change(document.edges) });
  };

  it("is an answer from another Start", () => {
    const other = { id: "other", type: "data/start", params: { split: "heldOut" as const }, position: { x: 0, y: 0 } };
    const issues = rewire(
      (edges) => [
        ...edges.map((edge) =>
          edge.to.node === "psnr" && edge.to.socket === "answer"
            ? { ...edge, from: { node: "other", socket: "answer" } }
            : edge,
        ),
        { from: { node: "data", socket: "dataset" }, to: { node: "other", socket: "dataset" } },
        { from: { node: "schedule", socket: "schedule" }, to: { node: "other", socket: "schedule" } },
      ],
      [other],
    );
    expect(issues).toMatchObject([{ severity: "error", code: "start-mismatch", node: "psnr", socket: "answer" }]);
    expect(issues[0]?.message).toMatch(/comes from "Start".*paths of "Sampler" begin elsewhere/);
  });

  it("are samplers of different batches, or none", () => {
    const batches = issuesOf(pictureGraph({ params: { grid: { batch: 4 } } }));
    expect(batches).toContainEqual(
      expect.objectContaining({ code: "batch-mismatch", node: "judge", socket: "trajectory" }),
    );
    const none = rewire((edges) => edges.filter(({ to }) => to.node !== "fd" || to.socket !== "trajectory"));
    expect(none).toMatchObject([{ code: "missing-input", node: "fd", socket: "trajectory" }]);
  });

  it("is a grid as the reference of the trajectory error", () => {
    const error = { id: "error", type: "evaluate/trajectory-error", params: {}, position: { x: 0, y: 0 } };
    const issues = rewire(
      (edges) => [
        ...edges,
        { from: { node: "grid", socket: "trajectory" }, to: { node: "error", socket: "teacher" } },
        { from: { node: "grid", socket: "trajectory" }, to: { node: "error", socket: "student" } },
      ],
      [error],
    );
    expect(issues).toMatchObject([{ code: "many-paths", node: "error", socket: "teacher" }]);
  });
});
