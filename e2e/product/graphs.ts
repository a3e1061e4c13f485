/** Graphs for tests, laid out so that every socket can be reached with the mouse at 100 %. */
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import type { OverridesInput } from "@distillery/shared/protocol/rest";

/** Five nodes, no wires: enough to wire, refuse and choose. */
export function unwiredGraph(): GraphDocument {
  const node = (id: string, type: string, x: number, y: number) => ({ id, type, params: {}, position: { x, y } });
  return {
    ...emptyDocument("Unwired"),
    nodes: [
      node("data", "data/points-2d", 0, 0),
      node("schedule", "schedule/vp", 0, 220),
      node("start", "data/start", 320, 0),
    ],
    viewport: { x: 60, y: 40, zoom: 1 },
  };
}

/** The network, batch and evaluation of `std-2d`, cut down so that a run takes seconds. */
export const QUICK_STD_2D: NonNullable<OverridesInput["params"]> = {
  "student.width": 32,
  "student.depth": 2,
  "trainer.batch": 64,
  "trainer.schedule": "constant",
  "trainer.checkpointEvery": 50,
  "teacher-path.batch": 32,
  "student-8.batch": 32,
  "student-6.batch": 32,
  "student-4.batch": 32,
  "teacher-path.every": 200,
  "student-8.every": 200,
  "student-6.every": 200,
  "student-4.every": 200,
};

/** The same for a run that is looked at and then left: it goes on for long and leaves the browser in peace. */
export const LONG_STD_2D: NonNullable<OverridesInput["params"]> = {
  ...QUICK_STD_2D,
  "trainer.steps": 200_000,
  "trainer.checkpointEvery": 5000,
  "teacher-path.every": 20_000,
  "student-8.every": 20_000,
  "student-6.every": 20_000,
  "student-4.every": 20_000,
};

/** A copy of `graph` with parameters changed, as overrides change them. */
export function withParams(graph: GraphDocument, params: NonNullable<OverridesInput["params"]>): GraphDocument {
  const nodes = graph.nodes.map((node) => {
    const mine = Object.entries(params).filter(([path]) => path.slice(0, path.lastIndexOf(".")) === node.id);
    return {
      ...node,
      params: {
        ...node.params,
        ...Object.fromEntries(mine.map(([path, v]) => [path.slice(path.lastIndexOf(".") + 1), v])),
      },
    };
  });
  return { ...graph, nodes };
}

/** Style transfer cut down to seconds, its teacher and students at two guidance scales scored by SSIM and PSNR. */
export function scoredStyleGraph(template: GraphDocument): GraphDocument {
  const quick = withParams(template, {
    "student.width": 8,
    "trainer.steps": 4,
    "trainer.batch": 4,
    "teacher-path.nfe": 6,
    "teacher-path.batch": 4,
    "teacher-path.every": 0,
  });
  // The student's own samplers give way to a grid.
  const left = new Set(["student-8", "student-6", "student-4", "trajectory-error", "error-curve", "viewer"]);
  const wire = (from: string, to: string) => {
    const [a, b] = [from.split("."), to.split(".")];
    return { from: { node: a[0] ?? "", socket: a[1] ?? "" }, to: { node: b[0] ?? "", socket: b[1] ?? "" } };
  };
  const scorers = ["ssim", "psnr"] as const;
  const grid = { nfe: [4, 2], guidance: "lcm", guidanceScales: [0, 0.5], batch: 4, every: 0 };
  return {
    ...quick,
    name: "Scored style transfer",
    nodes: [
      ...quick.nodes.filter(({ id }) => !left.has(id)),
      { id: "grid", type: "evaluate/grid", title: "Student", params: grid, position: { x: 1400, y: 900 } },
      ...scorers.map((id, i) => ({ id, type: `evaluate/${id}`, params: {}, position: { x: 1700, y: 900 + 200 * i } })),
    ],
    edges: [
      ...quick.edges.filter(({ from, to }) => !left.has(from.node) && !left.has(to.node)),
      wire("student.weights", "grid.weights"),
      wire("held-out-start.x", "grid.x"),
      wire("held-out-start.condition", "grid.condition"),
      ...scorers.flatMap((id) => [
        wire("teacher-path.trajectory", `${id}.trajectory`),
        wire("grid.trajectory", `${id}.trajectory`),
        wire("held-out-start.answer", `${id}.answer`),
        wire("held-out-start.x0", `${id}.source`),
      ]),
    ],
  };
}
