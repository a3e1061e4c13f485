import { library } from "@distillery/nodes/library";
import { escaped } from "@distillery/shared/text/escape";
import { expect, test } from "vitest";
import { templates } from "../graph/catalog";
import { previewSvg } from "./preview";

test("a folded part is a card with its name and colour, wired as in the editor", () => {
  const graph = templates.map((template) => template.graph).find(({ subgraphs = [] }) => subgraphs.length > 0);
  if (!graph) throw new Error("no template has a subgraph");
  const svg = previewSvg(graph, library);
  for (const { name } of graph.subgraphs ?? []) expect(svg).toContain(`>${escaped(name.slice(0, 8))}`);
  expect(svg).toContain('class="f-subgraph"');
  expect(svg).not.toContain(">subgraph/");
  expect(svg).not.toContain("wire w-none");
});
