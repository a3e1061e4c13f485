import { cards } from "@distillery/nodes/models/index";
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { expect, it } from "vitest";
import { library } from "../packs/library";
import { templates } from "./catalog";
import { modelHashes } from "./modelHashes";

const hashOf = (id: string): string => cards.find((card) => card.id === id)?.sha256 ?? "missing";
const withNode = (type: string, params: GraphDocument["nodes"][number]["params"]): GraphDocument => ({
  ...emptyDocument("one node"),
  nodes: [{ id: "n", type, params, position: { x: 0, y: 0 } }],
});

it("finds the networks that a graph names, in its parts and by default, and no others", () => {
  const style = templates.find(({ id }) => id === "std-style")?.graph;
  if (style === undefined) throw new Error("no template");
  const ids = ["teacher-32", "features", "judge", "style"];
  expect(modelHashes(style, library, [{ id: "mine", hash: "h" }])).toEqual(ids.map(hashOf).sort());
  expect(modelHashes(withNode("model/encoder", {}), library, [])).toEqual([hashOf("features")]);
  expect(modelHashes(withNode("model/encoder", { model: "mine" }), library, [{ id: "mine", hash: "h" }])).toEqual([
    "h",
  ]);
  expect(modelHashes(withNode("schedule/vp", {}), library, [])).toEqual([]);
});
