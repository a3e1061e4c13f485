import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument, Params } from "@distillery/shared/graph/document";
import { decodeCheckpoint } from "@distillery/shared/run/checkpoint";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { runDocument } from "../testing/runs.test-helper";
import { noResources } from "../testing/stage";
import { stdGraph } from "../testing/stdGraph";

const TRAINER = { steps: 99, batch: 8, warmup: 3, learningRate: 0.01, checkpointEvery: 2 };

/** Four steps with the teacher, four with the student they leave as the teacher, on another grid. */
function twoStages(
  stages: { first?: Params; second?: Params } = {},
  params: Record<string, Params> = {},
): GraphDocument {
  return stdGraph(
    {
      trainer: TRAINER,
      student: { width: 8, depth: 1 },
      teacherPath: { nfe: 2, every: 0 },
      studentPath: { nfe: 2, every: 0 },
      ...params,
    },
    {
      "solver.weights": "previous.weights",
      "previous.teacher": "teacher.weights",
      "previous.student": "student.weights",
      "second.before": "first.stage",
      "trainer.stages": "second.stage",
    },
    [
      ["previous", "student/previous"],
      ["first", "train/stage", { steps: 4, ...stages.first }],
      ["second", "train/stage", { steps: 4, overrides: { "schedule.nodes": 25 }, ...stages.second }],
    ],
  );
}

const run = async (document: GraphDocument, checkpoint?: Uint8Array) => {
  const { checkpoints, ...finished } = await runDocument(document, { checkpoint });
  const at = (step: number) => decodeCheckpoint(checkpoints.get(step) as Uint8Array);
  return { ...finished, checkpoints, at };
};
const valuesOf = (variables: ReturnType<typeof decodeCheckpoint>["variables"], prefix: string) =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, { data }]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), [...data].map(Number)] as const] : [],
    ),
  );
const seriesOf = ({ events }: Awaited<ReturnType<typeof run>>, name: string) =>
  Object.fromEntries(events.flatMap((event) => (event.type === "step" ? [[event.step, event.series[name]]] : [])));
const issuesOf = (document: GraphDocument) => validateDocument(document, library, noResources).issues;

describe("train/stage", () => {
  it("makes the student of the stage before the teacher, exactly, and begins anew with the optimiser", async () => {
    const { at, summary, events } = await run(twoStages());
    expect(summary).toMatchObject({ status: "done", steps: 8 });
    expect(valuesOf(at(2).variables, "previous/")).toEqual({});
    const boundary = at(4);
    expect(boundary.stage).toBe(1);
    const student = valuesOf(boundary.variables, "student/");
    expect(Object.keys(student).length).toBeGreaterThan(3);
    expect(valuesOf(boundary.variables, "previous/")).toEqual(student);
    const moments = Object.values(valuesOf(boundary.variables, "trainer/")).flat();
    expect(moments.length).toBeGreaterThan(0);
    expect(moments.every((value) => value === 0)).toBe(true);
    // Two steps into the second stage the teacher is still what the first one left.
    expect(valuesOf(at(6).variables, "previous/")).toEqual(student);
    expect(valuesOf(at(6).variables, "student/")).not.toEqual(student);
    expect(events.filter((event) => event.type === "stage")).toEqual([
      expect.objectContaining({ node: "first", step: 0, index: 0, count: 2, begin: 0, end: 4 }),
      expect.objectContaining({ node: "second", step: 4, index: 1, count: 2, begin: 4, end: 8 }),
    ]);
  });

  it("goes on from any checkpoint to the very same weights: in a stage, at its border, in the next", async () => {
    const document = twoStages();
    const whole = await run(document);
    expect([...whole.checkpoints.keys()]).toEqual([2, 4, 6, 8]);
    for (const step of [2, 4, 6]) {
      const rest = await run(document, whole.checkpoints.get(step));
      expect(rest.summary.weightsSha256).toBe(whole.summary.weightsSha256);
      expect(rest.at(8).variables).toEqual(whole.at(8).variables);
    }
  });

  it("counts warm-up from the start of each stage, and draws on from the run's random numbers", async () => {
    const plain = await run(twoStages());
    const rates = seriesOf(plain, "trainer.learningRate");
    expect([1, 4, 8].map((step) => rates[step])).toEqual([0.01 / 3, 0.01, 0.01].map((rate) => expect.closeTo(rate, 7)));
    const { variables } = (await run(twoStages({ second: { steps: 1 } }))).at(5);
    // A first step of Adam moves each weight by the learning rate, here a third of it.
    const moved = Object.entries(valuesOf(variables, "student/")).flatMap(([path, values]) =>
      values.map((value, i) => Math.abs(value - (valuesOf(variables, "previous/")[path]?.[i] ?? 0))),
    );
    expect(Math.max(...moved)).toBeCloseTo(0.01 / 3, 5);
  });

  it("begins afresh where asked, and goes on with a memory where asked", async () => {
    const fresh = await run(twoStages({ second: { steps: 2, fresh: ["student"] } }));
    const renewed = valuesOf(fresh.at(4).variables, "student/");
    const before = valuesOf((await run(twoStages({ second: { steps: 2 } }))).at(4).variables, "student/");
    expect(renewed).not.toEqual(before);
    const kept = await run(twoStages({ second: { steps: 2, overrides: {}, keep: ["trainer", "bank"] } }));
    expect(
      Object.values(valuesOf(kept.at(4).variables, "trainer/"))
        .flat()
        .some((value) => value !== 0),
    ).toBe(true);
    expect(kept.at(4).hosts.bank).not.toEqual(fresh.at(4).hosts.bank);
    await expect(run(twoStages({ second: { keep: ["bank"] } }))).rejects.toThrow("another schedule's grid");
  });

  it("takes a LoRA's adapter along: the next teacher is the base with the change as it was", async () => {
    const document = twoStages({ second: { steps: 2 } }, { alias: {} });
    const nodes = [
      ...document.nodes.filter(({ id }) => id !== "student" && id !== "teacher"),
      { id: "teacher", type: "student/mlp", params: { width: 8, depth: 2 }, position: { x: 0, y: 0 } },
      { id: "student", type: "student/lora", params: { rank: 2, alpha: 2 }, position: { x: 0, y: 0 } },
    ];
    const edges = [
      ...document.edges.filter(({ to }) => to.node !== "student"),
      { from: { node: "teacher", socket: "weights" }, to: { node: "student", socket: "weights" } },
    ];
    const { at } = await run({ ...document, nodes, edges });
    const adapter = valuesOf(at(4).variables, "student/");
    expect(Object.keys(adapter).every((path) => path.includes("lora_"))).toBe(true);
    expect(
      Object.entries(adapter).some(([path, values]) => path.includes("lora_B") && values.some((v) => v !== 0)),
    ).toBe(true);
    expect(valuesOf(at(4).variables, "previous/")).toEqual(adapter);
  });

  it("never draws a batch twice, also where trainers took turns before", async () => {
    const node = (id: string, type: string, params: Params) => ({ id, type, params, position: { x: 0, y: 0 } });
    const edge = (from: string, fromSocket: string, to: string, toSocket: string) => ({
      from: { node: from, socket: fromSocket },
      to: { node: to, socket: toSocket },
    });
    const alternating = { overrides: { "trainer.turn": "odd", "other.turn": "even" } };
    const document = twoStages({ first: { ...alternating, steps: 2 }, second: { overrides: {}, steps: 1 } });
    const nodes = [
      ...document.nodes,
      node("fake", "student/mlp", { width: 8, depth: 1 }),
      node("scores", "loss/score-distillation", {}),
      node("denoise", "loss/denoising", {}),
      node("other", "train/trainer", TRAINER),
    ];
    const edges = [
      ...document.edges,
      edge("data", "dataset", "fake", "dataset"),
      edge("teacher", "weights", "scores", "teacher"),
      edge("fake", "weights", "scores", "fake"),
      edge("jump", "predX0", "scores", "images"),
      edge("schedule", "schedule", "scores", "schedule"),
      edge("scores", "loss", "trainer", "loss"),
      edge("fake", "weights", "denoise", "weights"),
      edge("scores", "x", "denoise", "x"),
      edge("scores", "x0", "denoise", "x0"),
      edge("denoise", "loss", "other", "loss"),
      edge("fake", "weights", "other", "weights"),
    ];
    const { stages, issues } = validateDocument({ ...document, nodes, edges }, library, noResources);
    expect(issues).toEqual([]);
    expect(stages?.map(({ begin, batchesBefore }) => [begin, batchesBefore])).toEqual([
      [0, 0],
      [2, 4],
    ]);
    const { summary } = await run({ ...document, nodes, edges });
    expect(summary).toMatchObject({ status: "done", steps: 3 });
  });

  it("names what an override means and is not there", () => {
    expect(issuesOf(twoStages({ second: { overrides: { "scheduler.nodes": 25 } } }))).toEqual([
      expect.objectContaining({
        code: "stage-override",
        node: "second",
        message: expect.stringContaining('"scheduler.nodes" names no parameter'),
      }),
    ]);
    expect(issuesOf(twoStages({ second: { overrides: { "schedule.node": 25 } } }))).toEqual([
      expect.objectContaining({ code: "stage-override", message: expect.stringContaining('no parameter "node"') }),
    ]);
    for (const path of ["trainer.steps", "first.steps"])
      expect(issuesOf(twoStages({ second: { overrides: { [path]: 3 } } }))[0]).toMatchObject({
        code: "stage-override",
      });
    expect(issuesOf(twoStages({ second: { fresh: ["critic"] } }))[0]).toMatchObject({ code: "stage-node" });
  });

  it("says in which stage the graph does not hold", () => {
    const title = (document: GraphDocument): GraphDocument => ({
      ...document,
      nodes: document.nodes.map((node) => (node.id === "second" ? { ...node, title: "Half" } : node)),
    });
    const [wrong] = issuesOf(title(twoStages({ second: { overrides: { "schedule.nodes": -1 } } })));
    expect(wrong).toMatchObject({ code: "invalid-parameter", node: "schedule" });
    expect(wrong?.message).toMatch(/^In "Half": /);
    const [shaped] = issuesOf(twoStages({ second: { overrides: { "student.width": 16 } } }));
    expect(shaped).toMatchObject({ code: "stage-shape", node: "second" });
    expect(issuesOf(twoStages({ second: { overrides: { "student.width": 16 }, fresh: ["student"] } }))).toEqual([]);
    const document = twoStages();
    const loose = { ...document, edges: document.edges.filter(({ to }) => to.socket !== "stages") };
    expect(issuesOf(loose).map(({ code, severity }) => [code, severity])).toEqual([
      ["unused-stage", "warning"],
      ["unused-stage", "warning"],
    ]);
  });
});
