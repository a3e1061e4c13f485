import { library } from "@distillery/nodes/library";
import { templates } from "@distillery/nodes/templates/index";
import { resolveDocument } from "@distillery/shared/compile/resolve";
import { expect, it } from "vitest";
import { exampleOf } from "./example";

const documents = templates.map(({ document }) => document);
const example = (type: string) => exampleOf(type, documents, library);

it("takes the node with all that it needs, and nothing else", () => {
  const jump = example("student/jump");
  const types = jump?.graph.nodes.map(({ type }) => type) ?? [];
  expect(types).toContain("student/jump");
  expect(types.length).toBeLessThan(12);
  // Its required inputs are wired, and those of everything before it.
  for (const { id, type } of jump?.graph.nodes ?? [])
    for (const [socket, input] of Object.entries(library.get(type)?.inputs ?? {}))
      if (input.cardinality === "one")
        expect(jump?.graph.edges.some(({ to }) => to.node === id && to.socket === socket)).toBe(true);
});

it("shows a source together with what uses it", () => {
  const dataset = example("data/points-2d");
  expect(dataset?.graph.nodes.length).toBeGreaterThan(1);
  expect(dataset?.graph.edges.some(({ from }) => from.node === dataset.node)).toBe(true);
});

it("gives graphs without unknown sockets, with every card at a place of its own", () => {
  for (const { type } of library.all()) {
    const found = example(type);
    if (!found) continue;
    const problems = resolveDocument(found.graph, library).issues.filter(({ severity }) => severity === "error");
    // Parts of a method may lack a trainer; what is there is wired soundly.
    expect(problems.filter(({ code }) => /socket|required|type/.test(code))).toEqual([]);
    const places = found.graph.nodes.map(({ position: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
  }
});

it("has an example of nearly every node type", () => {
  const without = library.all().filter(({ type }) => !example(type));
  expect(without.length).toBeLessThan(library.all().length / 3);
  expect(example("not/known")).toBeNull();
});
