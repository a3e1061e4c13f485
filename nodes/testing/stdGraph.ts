/** Test-only: the graph of single trajectory distillation on 2-D points, as a person would wire it. */
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";

const nodes: readonly [id: string, type: string, params?: Params][] = [
  ["data", "data/points-2d", { shape: "gaussian-mixture" }],
  ["schedule", "schedule/vp"],
  ["start", "data/start"],
  ["bank", "bank/trajectory"],
  ["teacher", "model/gaussian-mixture"],
  ["solver", "solver/ddim"],
  ["target", "time/target"],
  ["student", "student/mlp"],
  ["alias", "student/alias"],
  ["jump", "student/jump"],
  ["goal", "student/jump"],
  ["loss", "loss/consistency"],
  ["trainer", "train/trainer"],
  ["evalStart", "data/start", { split: "heldOut" }],
  ["teacherPath", "evaluate/sampler", { nfe: 50 }],
  ["studentPath", "evaluate/sampler", { nfe: 4, every: 0 }],
  ["error", "evaluate/trajectory-error"],
];

const wires = `
  data.dataset > start.dataset, evalStart.dataset, teacher.dataset, student.dataset
  schedule.schedule > start.schedule, evalStart.schedule
  start.x > bank.x
  start.x0 > bank.x0
  start.condition > bank.condition
  solver.x > bank.advanced, target.x, goal.x
  teacher.weights > solver.weights, teacherPath.weights
  bank.x > solver.x, jump.x
  student.weights > alias.weights, jump.weights, trainer.weights, studentPath.weights
  alias.weights > goal.weights
  target.s > jump.s, goal.s
  jump.x > loss.student
  goal.x > loss.target
  loss.loss > trainer.loss
  evalStart.x > teacherPath.x, studentPath.x
  teacherPath.trajectory > error.teacher
  studentPath.trajectory > error.student
`;

const endpoint = (text: string) => {
  const [node = "", socket = ""] = text.trim().split(".");
  return { node, socket };
};

/** The document, with params of some nodes replaced and wires led elsewhere (`{"goal.s": "other.s"}`). */
export function stdGraph(
  params: Readonly<Record<string, Params>> = {},
  rewired: Readonly<Record<string, string>> = {},
  more: readonly [id: string, type: string, params?: Params][] = [],
): GraphDocument {
  const edges = wires
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [from = "", to = ""] = line.split(">");
      return to.split(",").map((each) => {
        const target = each.trim();
        return { from: endpoint(rewired[target] ?? from), to: endpoint(target) };
      });
    });
  const added = Object.entries(rewired).filter(([to]) => !wires.includes(to));
  return {
    ...emptyDocument("std"),
    nodes: [...nodes, ...more].map(([id, type, given]) => ({
      id,
      type,
      params: { ...given, ...params[id] },
      position: { x: 0, y: 0 },
    })),
    edges: [...edges, ...added.map(([to, from]) => ({ from: endpoint(from), to: endpoint(to) }))],
  };
}
