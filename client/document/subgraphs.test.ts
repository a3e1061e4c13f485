import { documentSchema, emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { flatDocument } from "@distillery/shared/graph/flatten";
import { contentHash } from "@distillery/shared/graph/hash";
import type { Part, PartRecord } from "@distillery/shared/protocol/parts";
import { describe, expect, it } from "vitest";
import { hideParam, removePort, renamePort, showParam } from "./border";
import { copyFragment, parseFragment, pasteFragment } from "./clipboard";
import { newNode } from "./defaults";
import { foldNodes, unfoldNode } from "./folding";
import { GraphEditor } from "./graphEditor";
import { loadDocument } from "./loading";
import { insertPart, partOf, updateFromPart } from "./parts";
import { testLibrary } from "./testLibrary";

const node = (id: string, type: string, x: number) => ({ id, type, params: {}, position: { x, y: 10 } });
const edge = (text: string) => {
  const [from = "", to = ""] = text.split(">");
  const end = (part: string) => ({ node: part.split(".")[0]!, socket: part.split(".")[1]! });
  return { from: end(from), to: end(to) };
};
const sample = documentSchema.parse({
  ...emptyDocument("Sample"),
  nodes: [
    node("start", "data/start", 0),
    node("a", "solver/step", 300),
    node("b", "solver/step", 600),
    node("c", "solver/step", 900),
  ],
  edges: ["start.x>a.x", "a.x>b.x", "b.x>c.x"].map(edge),
});
const view = sample.viewport;
const now = (editor: GraphEditor): GraphDocument => editor.toDocument(view);
const ids = (editor: GraphEditor) => [...editor.graph.nodes.keys()];

function foldedEditor() {
  const editor = new GraphEditor(testLibrary, sample);
  const instance = editor.edit("Fold", (t) => foldNodes(t, ["a", "b"], new Set()));
  return { editor, instance };
}

describe("subgraphs in the editor", () => {
  it("S1: folding changes nothing of what is computed, and is one step", async () => {
    const { editor, instance } = foldedEditor();
    expect(ids(editor)).toEqual(["start", "c", instance]);
    const folded = now(editor);
    expect(documentSchema.parse(folded)).toEqual(folded);
    expect(await contentHash(folded)).toBe(await contentHash(sample));
    const type = editor.library.get(`subgraph/${instance}`);
    expect(Object.keys(type?.inputs ?? {})).toEqual(["x"]);
    expect(type?.inputs.x).toMatchObject({ type: "state", cardinality: "one" });
    editor.undo();
    expect(now(editor)).toEqual(sample);
    editor.redo();
    expect(now(editor)).toEqual(folded);
  });

  it("S2: unfolding gives the graph back as it was, order and all", () => {
    const { editor, instance } = foldedEditor();
    editor.edit("Unfold", (t) => unfoldNode(t, instance));
    expect(now(editor)).toEqual(sample);
    expect(now(editor)).not.toHaveProperty("subgraphs");
  });

  it("S3: one history for all sheets; undo leads to where it happened", () => {
    const { editor, instance } = foldedEditor();
    editor.open([instance]);
    editor.edit("Guide", (t) => t.setParam("a", "guidance", 7));
    editor.open([]);
    editor.edit("Move", (t) => t.updateNode("c", { position: { x: 1, y: 1 } }));
    editor.undo();
    expect(editor.path).toEqual([]);
    editor.undo();
    expect(editor.path).toEqual([instance]);
    expect(editor.graph.nodes.get("a")?.params).toEqual({});
    editor.undo();
    expect(editor.path).toEqual([]);
    expect(now(editor)).toEqual(sample);
    editor.redo();
    editor.redo();
    expect(editor.path).toEqual([instance]);
    expect(flatDocument(now(editor)).nodes.find(({ id }) => id === "a")?.params).toEqual({ guidance: 7 });
  });

  it("S4: a shown parameter is a parameter of every instance, and goes with its node", () => {
    const { editor, instance } = foldedEditor();
    editor.open([instance]);
    editor.edit("Show", (t) => showParam(t, { node: "b", param: "guidance", title: "Strength" }));
    editor.open([]);
    const fields = editor.library.get(`subgraph/${instance}`)?.params;
    expect(fields?.parse({})).toEqual({ "b.guidance": 3 });
    editor.edit("Set", (t) => t.setParam(instance, "b.guidance", 5));
    expect(flatDocument(now(editor)).nodes.find(({ id }) => id === "b")?.params).toEqual({ guidance: 5 });
    editor.open([instance]);
    editor.edit("Hide", (t) => hideParam(t, "b", "guidance"));
    editor.undo();
    editor.edit("Delete", (t) => t.removeNode("b"));
    expect(now(editor).nodes.find(({ id }) => id === instance)?.params).toEqual({});
    expect(now(editor).subgraphs?.[0]?.params).toEqual([]);
  });

  it("S5: sockets are made by drawing to the border, renamed and removed on all instances", () => {
    const { editor, instance } = foldedEditor();
    editor.open([instance]);
    editor.edit("Connect", (t) => t.connect(edge("b.predX0>outputs.+")));
    editor.edit("Rename", (t) => renamePort(t, "outputs", "x", "last state"));
    editor.open([]);
    expect(Object.keys(editor.library.get(`subgraph/${instance}`)?.outputs ?? {})).toEqual(["last-state", "predX0"]);
    expect(now(editor).edges.map(({ from }) => from)).toContainEqual({ node: instance, socket: "last-state" });
    editor.open([instance]);
    editor.edit("Remove", (t) => removePort(t, "outputs", "last-state"));
    editor.open([]);
    expect(now(editor).edges).toHaveLength(1);
    editor.undo();
    expect(now(editor).edges).toHaveLength(2);
  });

  it("S6: loops are found through subgraphs, and only where data really flows", () => {
    const editor = new GraphEditor(testLibrary, sample);
    const instance = editor.edit("Fold", (t) => foldNodes(t, ["start", "c"], new Set()));
    expect(ids(editor)).toContain(instance);
    // Out to a, b and in again: no loop, for inside nothing leads from c to start.
    expect(now(editor).edges).toHaveLength(3);
    const second = foldedEditor();
    expect(() => second.editor.edit("Loop", (t) => t.connect(edge(`c.x>${second.instance}.x`)))).toThrow(
      /close a loop/,
    );
  });

  it("S7: a subgraph cannot hold itself", () => {
    const { editor, instance } = foldedEditor();
    const type = editor.library.get(`subgraph/${instance}`)!;
    editor.open([instance]);
    expect(editor.library.all().map((each) => each.type)).not.toContain(type.type);
    const copy = newNode(type, { x: 0, y: 0 }, editor.document);
    expect(() => editor.edit("Add", (t) => t.addNode(copy))).toThrow("cannot hold itself");
    expect(() => editor.edit("Delete", (t) => t.removeNode("inputs"))).not.toThrow();
    expect(ids(editor)).toContain("inputs");
  });

  it("S8: copies carry their subgraph along, to this graph and to another", async () => {
    const { editor, instance } = foldedEditor();
    const text = copyFragment(editor.graph, new Set([instance]), new Set(), (nodes) => editor.document.used(nodes));
    const fragment = parseFragment(text)!;
    editor.edit("Paste", (t) => pasteFragment(t, fragment, { x: 0, y: 100 }));
    expect(now(editor).subgraphs).toHaveLength(1);
    expect(flatDocument(now(editor)).nodes.map(({ id }) => id)).toEqual([
      "start",
      "a",
      "b",
      "c",
      "subgraph-2.a",
      "subgraph-2.b",
    ]);
    const other = new GraphEditor(testLibrary);
    other.edit("Paste", (t) => pasteFragment(t, fragment, { x: 0, y: 0 }));
    expect(flatDocument(now(other)).nodes.map(({ id }) => id)).toEqual(["a", "b"]);
    editor.open([instance]);
    editor.edit("Guide", (t) => t.setParam("a", "guidance", 7));
    editor.open([]);
    editor.edit("Paste", (t) => pasteFragment(t, fragment, { x: 0, y: 200 }));
    expect(now(editor).subgraphs).toHaveLength(2);
  });

  it("S8: no copy takes an id that something has inside a subgraph", () => {
    const { editor, instance } = foldedEditor();
    editor.edit("Add", (t) => t.addNode(node("a-2", "solver/step", 0)));
    const all = new Set(["a-2", instance]);
    const flatIds = (of: GraphEditor) => flatDocument(now(of)).nodes.map(({ id }) => id);
    // As Alt and drag copies: without the subgraph, which is here.
    const bare = parseFragment(copyFragment(editor.graph, all, new Set()))!;
    editor.edit("Duplicate", (t) => pasteFragment(t, bare, { x: 0, y: 0 }));
    expect(new Set(flatIds(editor)).size).toBe(flatIds(editor).length);
    const text = copyFragment(editor.graph, all, new Set(), (nodes) => editor.document.used(nodes));
    const { nodes, ...rest } = parseFragment(text)!;
    const other = new GraphEditor(testLibrary);
    other.edit("Paste", (t) => pasteFragment(t, { ...rest, nodes: [...nodes].reverse() }, { x: 0, y: 0 }));
    expect(flatIds(other).sort()).toEqual(["a", "a-2", "b"]);
  });

  it("S8: pasting what was different inside leaves the subgraphs here alone", () => {
    const { editor, instance: inner } = foldedEditor();
    const outer = editor.edit("Fold", (t) => foldNodes(t, [inner, "c"], new Set()));
    const text = copyFragment(editor.graph, new Set([outer]), new Set(), (nodes) => editor.document.used(nodes));
    editor.open([outer, inner]);
    editor.edit("Guide", (t) => t.setParam("a", "guidance", 7));
    editor.open([]);
    const before = now(editor).subgraphs;
    editor.edit("Paste", (t) => pasteFragment(t, parseFragment(text)!, { x: 0, y: 100 }));
    expect(now(editor).subgraphs?.slice(0, 2)).toEqual(before);
    expect(now(editor).subgraphs).toHaveLength(4);
  });

  it("S9: an instance without its subgraph stays as it is, with one line", () => {
    const stored = { ...sample, nodes: [...sample.nodes, node("lost", "subgraph/gone", 0)] };
    const { document, notices } = loadDocument(stored, testLibrary);
    expect(document).toEqual(stored);
    expect(notices).toEqual([
      '"lost" stands for the subgraph "gone", which is not in this graph; it is kept as it is.',
    ]);
    const { editor } = foldedEditor();
    expect(loadDocument(now(editor), testLibrary)).toEqual({
      document: now(editor),
      notices: [],
      newerVersion: null,
    });
  });
});

describe("parts of the library", () => {
  const record = (part: Part, revision: number): PartRecord => ({
    id: "part1",
    name: part.subgraph.name,
    description: "",
    revision,
    updatedAt: 0,
    part,
  });
  const at = { x: 0, y: 0 };

  it("S10: linked instances share a subgraph and follow its revisions; a copy is independent", () => {
    const { editor, instance } = foldedEditor();
    const first = record(partOf(editor.document, instance), 1);
    const other = new GraphEditor(testLibrary);
    const [one, two] = [0, 1].map(() => other.edit("Add", (t) => insertPart(t, first, at, true)));
    const copy = other.edit("Add", (t) => insertPart(t, first, at, false));
    const types = [one, two, copy].map((id) => other.graph.nodes.get(id!)?.type);
    expect(types[0]).toBe(types[1]);
    expect(types[2]).not.toBe(types[0]);
    expect(now(other).subgraphs?.map(({ source }) => source)).toEqual([{ part: "part1", revision: 1 }, undefined]);
    expect(flatDocument(now(other)).nodes).toHaveLength(6);

    editor.open([instance]);
    editor.edit("Change", (t) => {
      t.setParam("a", "guidance", 9);
      removePort(t, "outputs", "x");
    });
    const second = record(partOf(editor.document, instance), 2);
    const id = types[0]!.slice("subgraph/".length);
    other.edit("Update", (t) => updateFromPart(t, id, second));
    const values = flatDocument(now(other)).nodes.map(({ params }) => params.guidance);
    expect(values).toEqual([9, undefined, 9, undefined, undefined, undefined]);
    expect(other.document.heads.get(id)).toMatchObject({ outputs: [], source: { revision: 2 } });
    other.undo();
    expect(other.document.heads.get(id)?.outputs).toHaveLength(1);
  });
});
