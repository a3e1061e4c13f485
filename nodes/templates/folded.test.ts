/** What is folded into subgraphs computes the same: the same operations in the same order, so the same bits. */
import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { fold } from "@distillery/shared/graph/fold";
import { contentHash } from "@distillery/shared/graph/hash";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { noResources } from "../testing/stage";
import { templates } from "./index";

const graph = templates.find(({ id }) => id === "std-2d")!.document;

function folded(document: GraphDocument, ids: readonly string[], name: string): GraphDocument {
  const { sheet, subgraph } = fold(document, new Set(ids), {
    instance: name,
    subgraph: name,
    name,
    socketOf: ({ type }, side, socket) => {
      const definition = library.get(type);
      return (side === "input" ? definition?.inputs : definition?.outputs)?.[socket];
    },
  });
  return {
    ...document,
    ...sheet,
    nodes: [...sheet.nodes],
    edges: [...sheet.edges],
    frames: [...sheet.frames],
    subgraphs: [...(document.subgraphs ?? []), subgraph],
  };
}
const operations = (document: GraphDocument) => {
  const { plan, issues } = validateDocument(document, library, noResources);
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  const { graph: built, variables, randoms } = plan!.train!.builder;
  return JSON.stringify([built.nodes, [...variables.keys()], randoms]);
};

const shuffled = { ...graph, nodes: [...graph.nodes].reverse() };

describe("a folded template", () => {
  it("is the same run", async () => {
    const flat = operations(graph);
    expect(operations(shuffled)).toBe(flat);
    const ids = graph.nodes.map(({ id }) => id);
    for (let n = 0; n < 5; n++) {
      const chosen = ids.filter((_, i) => (i * 7 + n * 3) % 5 < 2);
      const once = folded(graph, chosen, "part");
      const twice = folded(once, ["part", ...ids.filter((id) => !chosen.includes(id)).slice(0, 5)], "whole");
      expect(operations(once)).toBe(flat);
      expect(operations(twice)).toBe(flat);
      expect(await contentHash(twice)).toBe(await contentHash(graph));
    }
  });
});
