import { documentSchema } from "@distillery/shared/graph/document";
import { expect, it } from "vitest";
import { GraphRecords } from "../document/records";
import { testLibrary } from "../document/testLibrary";
import { wireChoices } from "./wireChoices";

const graph = GraphRecords.from(
  documentSchema.parse({
    format: "distillery-graph",
    version: 1,
    nodes: [
      { id: "start", type: "data/start", version: 1 },
      { id: "first", type: "solver/step", version: 1, title: "First" },
      { id: "second", type: "solver/step", version: 1, title: "Second" },
      { id: "odd", type: "alien/thing", version: 1 },
    ],
    edges: [{ from: { node: "start", socket: "x" }, to: { node: "first", socket: "x" } }],
  }),
);
const rows = (id: string) =>
  wireChoices(graph, testLibrary, id).map(
    ({ direction, socket, other, replaces }) =>
      `${socket} ${direction === "out" ? "→" : "←"} ${other}${replaces ? " (replaces)" : ""}`,
  );

it("offers fitting ends only, those that are free first, and none that would close a loop", () => {
  expect(rows("start")).toEqual(["x → Second · x"]);
  expect(rows("first")).toEqual(["x → Second · x", "x ← Second · x (replaces)"]);
  expect(rows("second")).toEqual(["x ← Start · x", "x ← First · x", "x → First · x (replaces)"]);
  expect(rows("odd")).toEqual([]);
});
