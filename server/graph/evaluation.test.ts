import { library } from "@distillery/nodes/library";
import { templates } from "@distillery/nodes/templates/index";
import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { Resources } from "@distillery/shared/graph/wires";
import { describe, expect, it } from "vitest";
import { smallStyleGraph } from "../testing/pictures";
import { type EvaluationOptions, evaluationGraph, NothingToEvaluate, withoutEmptyWires } from "./evaluation";
import { GraphEdit } from "./graphEdit";

const resources: Resources = {
  image: () => Promise.reject(new Error("no files here")),
  bytes: () => Promise.reject(new Error("no files here")),
  dataset: () => undefined,
  model: () => undefined,
};
const options: EvaluationOptions = { nfe: [8, 4], guidance: [2, 6], teacherNfe: 50, batch: 32, hasModel: () => false };
const evaluated = (document: GraphDocument, given: Partial<EvaluationOptions> = {}) =>
  evaluationGraph(document, library, { ...options, ...given }).document;
const types = ({ nodes }: GraphDocument) => nodes.map(({ type }) => type);
const into = ({ edges }: GraphDocument, node: string, socket: string) =>
  edges.filter(({ to }) => to.node === node && to.socket === socket).map(({ from }) => from.node);

describe("evaluationGraph", () => {
  const graph = smallStyleGraph();

  it("leaves training out, samples teacher and student from the same start, and scores both", () => {
    const made = evaluated(graph);
    expect(types(made).filter((type) => /^(train|loss|bank|time)\//.test(type))).toEqual([]);
    const { plan, issues } = validateDocument(made, library, resources);
    expect(issues).toEqual([]);
    expect(plan?.train).toBeNull();
    expect(plan?.samplers.map(({ plan: { paths }, batch }) => [paths.length, batch])).toEqual([
      [1, 32],
      [4, 32],
    ]);
    expect(plan?.scorers.map(({ node, samplers }) => [node.definition.type, samplers])).toEqual([
      ["evaluate/psnr", ["teacher-path", "evaluation-grid"]],
      ["evaluate/ssim", ["teacher-path", "evaluation-grid"]],
    ]);
    expect(into(made, "evaluation-grid", "x")).toEqual(into(graph, "student-8", "x"));
  });

  it("measures a run in stages against the teacher of the first, not against a student that teaches later", () => {
    const staged = new GraphEdit(graph)
      .add({ id: "previous", type: "student/previous" })
      .disconnect("solver", "weights")
      .connect("student.weights", "previous.student")
      .connect("teacher.weights", "previous.teacher")
      .connect("previous.weights", "solver.weights")
      .result("staged");
    const made = evaluated(staged);
    expect(validateDocument(made, library, resources).issues).toEqual([]);
    expect(into(made, "evaluation-grid", "weights")).toEqual(into(evaluated(graph), "evaluation-grid", "weights"));
    const teacher = validateDocument(made, library, resources).plan?.samplers.find(
      ({ node }) => node.id === "teacher-path",
    );
    expect(teacher?.step.builder.variables.size).toBe(0);
  });

  it("adds the bundled judges that are there", () => {
    const made = evaluated(graph, { hasModel: (id) => id === "bundled:style" });
    expect(types(made)).toContain("evaluate/style-similarity");
    expect(types(made)).not.toContain("evaluate/judge");
    expect(into(made, "evaluation-style-similarity", "weights")).toEqual(["evaluation-style-similarity-model"]);
  });

  it("keeps a graph's own scorers: those of the teacher's paths see the teacher, those of students the grid", () => {
    const own = new GraphEdit(graph)
      .add({ id: "mine", type: "evaluate/psnr" })
      .connect("held-out-start.x0", "mine.source")
      .connect("student-6.trajectory", "mine.trajectory")
      .result("scored");
    const made = evaluated(own);
    expect(types(made).filter((type) => library.get(type)?.scorer !== undefined)).toEqual(["evaluate/psnr"]);
    expect(into(made, "mine", "trajectory")).toEqual(["evaluation-grid"]);
    expect(validateDocument(made, library, resources).issues).toEqual([]);
  });

  it("measures graphs alike where it is told by what", () => {
    const own = new GraphEdit(graph)
      .add({ id: "mine", type: "evaluate/ssim" })
      .connect("student-6.trajectory", "mine.trajectory")
      .result("scored");
    const made = evaluated(own, { scorers: ["ssim"], pictures: 3 });
    const scorers = made.nodes.filter(({ type }) => library.get(type)?.scorer !== undefined);
    expect(scorers.map(({ id, params }) => [id, params])).toEqual([
      ["evaluation-ssim", {}],
      ["evaluation-pictures", { samples: 3 }],
    ]);
  });

  it("samples a teacher that is only stepped in training, guided as there", () => {
    const made = evaluated(new GraphEdit(graph).remove("teacher-path").result("x"));
    const teacher = made.nodes.find(({ id }) => id === "evaluation-teacher");
    expect(teacher).toMatchObject({ type: "evaluate/sampler", params: { guidance: "lcm", nfe: 50, batch: 32 } });
    expect(validateDocument(made, library, resources).issues).toEqual([]);
  });

  it("evaluates the students as they are without guidance, or without a condition", () => {
    const grid = (document: GraphDocument) =>
      document.nodes.find(({ id }) => id === "evaluation-grid")?.params.guidance;
    expect(grid(evaluated(graph, { guidance: [] }))).toBe("none");
    expect(grid(evaluated(graph))).toBe("imagen");
  });

  it("tells a student that is told the scale w = g - 1, and one of its own where none is asked for", () => {
    const lcm = templates.find(({ id }) => id === "lcm")!.document;
    const grid = (given: Partial<EvaluationOptions>) =>
      evaluated(lcm, given).nodes.find(({ id }) => id === "evaluation-grid")?.params;
    expect(grid({})).toMatchObject({ solver: "lcm", guidance: "embedded", guidanceScales: [1, 5] });
    expect(grid({ guidance: [] })).toMatchObject({ guidance: "embedded", guidanceScales: [4] });
  });

  it("drops scorers that have nothing to compare with", () => {
    const made = evaluated(graph);
    const issue = { edge: made.edges.find(({ to }) => to.node === "evaluation-psnr" && to.socket === "answer") };
    const left = withoutEmptyWires(made, [issue]);
    expect(types(left)).not.toContain("evaluate/psnr");
    expect(into(left, "evaluation-ssim", "source")).toEqual(["held-out-start"]);
  });

  it("says why a graph cannot be evaluated", () => {
    const samplers = graph.nodes.filter(({ type }) => type === "evaluate/sampler").map(({ id }) => id);
    expect(() => evaluated(new GraphEdit(graph).remove(...samplers).result("x"))).toThrow(/samples nothing/);
    expect(() => evaluated({ ...graph, nodes: [], edges: [] })).toThrow(NothingToEvaluate);
  });

  it("is refused by the scores themselves where samples are no pictures", () => {
    const points = templates.find(({ id }) => id === "std-2d")!.document;
    const { issues } = validateDocument(evaluated(points), library, resources);
    expect(issues.map(({ message }) => message).join()).toMatch(/has no answer/);
  });
});
