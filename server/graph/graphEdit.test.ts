import { emptyDocument } from "@distillery/shared/graph/document";
import { expect, it } from "vitest";
import { GraphEdit } from "./graphEdit";

const document = new GraphEdit(emptyDocument("chain"))
  .add({ id: "a", type: "t" })
  .add({ id: "b", type: "t", params: { kept: 1, changed: 1 } })
  .add({ id: "c", type: "t" })
  .connect("a.out", "b.in")
  .connect("b.out", "c.in")
  .connect("b.other", "c.more")
  .result("before");

const wires = ({ edges }: typeof document) =>
  edges.map(({ from, to }) => `${from.node}.${from.socket}>${to.node}.${to.socket}`);

it("takes nodes away with their wires and feeds their readers from elsewhere", () => {
  const edited = new GraphEdit(document).remove("b", "not there").redirect("b", { out: "a.out" }, document).result("x");
  expect(edited.nodes.map(({ id }) => id)).toEqual(["a", "c"]);
  expect(wires(edited)).toEqual(["a.out>c.in"]);
  expect(edited.name).toBe("chain (before) (x)");
  expect(wires(document)).toHaveLength(3);
});

it("changes single parameters, and says when there is nothing to change", () => {
  const edited = new GraphEdit(document).set("b", { changed: 2 }).result("x");
  expect(edited.nodes[1]?.params).toEqual({ kept: 1, changed: 2 });
  expect(() => new GraphEdit(document).set("z", {})).toThrow('no node "z"');
});
