/** Small graphs for tests. */
import { emptyDocument, type GraphDocument, type Params } from "@distillery/shared/graph/document";

const node = (id: string, type: string, params: Params = {}) => ({ id, type, params, position: { x: 0, y: 0 } });
const link = (from: string, to: string) => {
  const [source = "", output = ""] = from.split(".");
  const [target = "", input = ""] = to.split(".");
  return { from: { node: source, socket: output }, to: { node: target, socket: input } };
};

/** STD on 2-D points, small enough to train in a second or two. */
export function tinyGraph(trainer: Params = {}): GraphDocument {
  const batch = 32;
  return {
    ...emptyDocument("Tiny"),
    seed: 7,
    nodes: [
      node("schedule", "schedule/vp", { nodes: 20 }),
      node("points", "data/points-2d", { samples: 512 }),
      node("start", "data/start"),
      node("bank", "bank/trajectory"),
      node("teacher", "model/gaussian-mixture", { points: 64 }),
      node("solver", "solver/ddim"),
      node("student", "student/mlp", { width: 16, depth: 2 }),
      node("alias", "student/alias"),
      node("target", "time/target"),
      node("jump", "student/jump"),
      node("jump2", "student/jump"),
      node("loss", "loss/consistency"),
      node("trainer", "train/trainer", { steps: 40, batch, checkpointEvery: 10, ...trainer }),
      node("held", "data/start", { split: "heldOut" }),
      node("teacherPath", "evaluate/sampler", { nfe: 8, every: 20, batch }),
      node("studentPath", "evaluate/sampler", { nfe: 4, every: 20, batch }),
      node("error", "evaluate/trajectory-error"),
      node("viewer", "inspect/trajectory-viewer"),
    ],
    edges: [
      link("points.dataset", "start.dataset"),
      link("schedule.schedule", "start.schedule"),
      link("start.x", "bank.x"),
      link("solver.x", "bank.advanced"),
      link("points.dataset", "teacher.dataset"),
      link("points.dataset", "student.dataset"),
      link("teacher.weights", "solver.weights"),
      link("bank.x", "solver.x"),
      link("student.weights", "alias.weights"),
      link("solver.x", "target.x"),
      link("student.weights", "jump.weights"),
      link("bank.x", "jump.x"),
      link("target.s", "jump.s"),
      link("alias.weights", "jump2.weights"),
      link("solver.x", "jump2.x"),
      link("target.s", "jump2.s"),
      link("jump.x", "loss.student"),
      link("jump2.x", "loss.target"),
      link("loss.loss", "trainer.loss"),
      link("student.weights", "trainer.weights"),
      link("points.dataset", "held.dataset"),
      link("schedule.schedule", "held.schedule"),
      link("teacher.weights", "teacherPath.weights"),
      link("held.x", "teacherPath.x"),
      link("student.weights", "studentPath.weights"),
      link("held.x", "studentPath.x"),
      link("teacherPath.trajectory", "error.teacher"),
      link("studentPath.trajectory", "error.student"),
      link("teacherPath.trajectory", "viewer.teacher"),
      link("studentPath.trajectory", "viewer.student"),
    ],
  };
}
