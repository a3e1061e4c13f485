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
