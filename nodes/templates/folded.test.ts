/** What is folded into subgraphs computes the same: the same operations in the same order, so the same bits. */
import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { fold, unfold } from "@distillery/shared/graph/fold";
import { contentHash } from "@distillery/shared/graph/hash";
import { subgraphIdOf, subgraphsById } from "@distillery/shared/graph/subgraph";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { bundledModels } from "../models/index";
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
/** The document as it is after Unfold on everything, one after the other. */
function unfoldedByHand({ subgraphs: _, ...document }: GraphDocument, known: ReturnType<typeof subgraphsById>) {
  let sheet = { ...document };
  for (let instance = sheet.nodes.find(subgraphIdOf); instance; instance = sheet.nodes.find(subgraphIdOf)) {
    const subgraph = known.get(subgraphIdOf(instance) ?? "");
    if (subgraph === undefined) throw new Error(`no subgraph for "${instance.id}"`);
    const { nodes, edges, frames } = unfold(sheet, instance, subgraph);
    sheet = { ...sheet, nodes: [...nodes], edges: [...edges], frames: [...frames] };
  }
  return sheet;
}
const resources = { ...noResources, model: (id: string) => bundledModels.find((model) => model.id === id) };
const operations = (document: GraphDocument) => {
  const { plan, issues } = validateDocument(document, library, resources);
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

describe.each(templates.filter(({ document }) => document.subgraphs))("$id", ({ document }) => {
  const flat = unfoldedByHand(document, subgraphsById(document));

  it("is the same run as unfolded, node for node", async () => {
    expect(flat.nodes.length).toBeGreaterThan(document.nodes.length);
    expect(operations(document)).toBe(operations(flat));
    expect(await contentHash(document)).toBe(await contentHash(flat));
  });

  it("reads like a figure: a dozen cards, each parameter shown outside by a name of its own", () => {
    expect(document.nodes.length).toBeLessThanOrEqual(14);
    for (const { params, nodes } of document.subgraphs ?? []) {
      const shown = params.map(({ node, param }) => `${node}.${param}`);
      expect(new Set(shown).size).toBe(shown.length);
      const titles = params.map(({ node, param, title }) => {
        const type = library.get(nodes.find(({ id }) => id === node)?.type ?? "");
        const field = type?.params.shape[param];
        expect(field, `${node}.${param}`).toBeDefined();
        return title ?? field?.meta()?.title;
      });
      expect(new Set(titles).size).toBe(titles.length);
    }
  });
});
