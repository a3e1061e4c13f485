import { expect, test } from "vitest";
import { documentSchema, emptyDocument } from "./document";
import { foreignNotices, putBack, setAside } from "./foreign";

const theirs = {
  ...emptyDocument("From next year"),
  author: { name: "Ada" },
  nodes: [
    { id: "a", type: "loss/later", params: { x: 1 }, position: { x: 0, y: 0, z: 3 }, mood: "calm" },
    { id: "b", type: "schedule/vp", params: {}, position: { x: 300, y: 0 } },
  ],
  edges: [{ from: { node: "b", socket: "schedule" }, to: { node: "a", socket: "s" }, weight: 0.5 }],
};

test("what is not known here is kept in its place", () => {
  const { known, foreign, newerVersion } = setAside(theirs);
  expect(newerVersion).toBeNull();
  const document = documentSchema.parse({ ...Object(known), foreign });
  expect(document.nodes[0]).toEqual({ id: "a", type: "loss/later", params: { x: 1 }, position: { x: 0, y: 0 } });
  expect(putBack(document)).toEqual(theirs);
  expect(foreignNotices(foreign)).toEqual(
    expect.arrayContaining([
      "The field “author” of the graph is not known here; it is kept.",
      "The field “mood” of a node is not known here; it is kept.",
    ]),
  );
});

test("a record that moved still gets its fields back, one that is gone does not", () => {
  const { known, foreign } = setAside(theirs);
  const document = documentSchema.parse({ ...Object(known), foreign });
  const [a, b] = document.nodes;
  const moved = { ...document, nodes: [b, a].flatMap((node) => node ?? []) };
  expect(putBack(moved)).toMatchObject({ nodes: [{ id: "b" }, { id: "a", mood: "calm" }] });
  const without = { ...document, nodes: document.nodes.slice(1), edges: [] };
  expect(JSON.stringify(putBack(without))).not.toContain("calm");
});

test("a newer version is told, and read as far as possible", () => {
  const { known, newerVersion } = setAside({ ...theirs, version: 7 });
  expect(newerVersion).toBe(7);
  expect(documentSchema.safeParse(known).success).toBe(true);
});

test("a document of today is left alone", () => {
  const document = documentSchema.parse(emptyDocument("Now"));
  expect(setAside(document)).toEqual({ known: document, foreign: [], newerVersion: null });
  expect(putBack(document)).toEqual(document);
});
