import { documentSchema, emptyDocument } from "@distillery/shared/graph/document";
import { describe, expect, it } from "vitest";
import { copyFragment, fragmentOrigin, parseFragment, pasteFragment } from "./clipboard";
import { GraphEditor } from "./graphEditor";
import { LoadFailed, loadDocument } from "./loading";
import { testLibrary } from "./testLibrary";

const node = (id: string, type: string, x = 0) => ({ id, type, params: { eta: 0.3 }, position: { x, y: 10 } });
const edge = (from: string, to: string) => ({ from: { node: from, socket: "x" }, to: { node: to, socket: "x" } });
const sample = documentSchema.parse({
  ...emptyDocument("Sample"),
  nodes: [node("start", "data/start", 40), node("step", "solver/step", 300), node("odd", "alien/thing", 600)],
  edges: [edge("start", "step"), edge("step", "odd")],
  frames: [{ id: "frame", position: { x: 20, y: 0 }, size: { width: 10, height: 10 } }],
});

describe("clipboard", () => {
  it("C1 C2: copies inner links and pastes under new ids in one step", () => {
    const editor = new GraphEditor(testLibrary, sample);
    const text = copyFragment(editor.graph, new Set(["start", "step"]), new Set(["frame"]));
    const fragment = parseFragment(text);
    expect(fragment?.edges).toEqual([edge("start", "step")]);
    expect(fragmentOrigin(fragment!)).toEqual({ x: 20, y: 0 });
    const pasted = editor.edit("Paste", (t) => pasteFragment(t, fragment!, { x: 5, y: 7 }));
    expect(pasted).toEqual({ nodes: ["start-2", "step-2"], frames: ["frame-2"] });
    expect(editor.graph.nodes.get("start-2")).toMatchObject({ params: { eta: 0.3 }, position: { x: 45, y: 17 } });
    expect(editor.graph.edges.has("start-2.x>step-2.x")).toBe(true);
    editor.undo();
    expect(editor.toDocument(sample.viewport)).toEqual(sample);
  });

  it("C3: a graph file can be pasted, other text is ignored", () => {
    expect(parseFragment(JSON.stringify(sample))?.nodes.length).toBe(3);
    expect(parseFragment("hello")).toBeNull();
    expect(parseFragment('{"nodes": []}')).toBeNull();
  });

  it("copies nothing when nothing is chosen", () => {
    expect(copyFragment(new GraphEditor(testLibrary, sample).graph, new Set(), new Set())).toBe("");
  });
});

describe("loading", () => {
  it("L1: an unknown node survives load and save unchanged, with its links", () => {
    const { document, notices } = loadDocument(sample, testLibrary);
    expect(new GraphEditor(testLibrary, document).toDocument(sample.viewport)).toEqual(sample);
    expect(notices).toEqual(['"odd" has the type "alien/thing", which is not known here; it is kept as it is.']);
  });

  it("L2 L3: migrates older versions, keeps newer ones", () => {
    const old = { ...node("old", "loss/distance"), params: { c: 0.5 } };
    const newer = { ...old, id: "newer", version: 9 };
    const { document, notices } = loadDocument({ ...sample, nodes: [old, newer], edges: [] }, testLibrary);
    expect(document.nodes[0]).toMatchObject({ version: 2, params: { delta: 0.5 } });
    expect(document.nodes[1]).toEqual(newer);
    expect(notices).toEqual([
      "“Distance” (old) was brought from version 1 to 2: c is gone, delta is 0.5.",
      '"newer" was saved by a newer version of "Distance"; it is kept as it is.',
    ]);
  });

  it("L4: leaves out duplicate links and links to nowhere", () => {
    const edges = [edge("start", "step"), edge("start", "step"), edge("ghost", "step")];
    const { document, notices } = loadDocument({ ...sample, edges }, testLibrary);
    expect(document.edges).toEqual([edge("start", "step")]);
    expect(notices.some((notice) => notice.includes('from "ghost"'))).toBe(true);
  });

  it("L5: says where a file stops being a graph", () => {
    expect(() => loadDocument({ ...sample, nodes: [{ id: "a b" }] }, testLibrary)).toThrow(LoadFailed);
    expect(() => loadDocument({ ...sample, nodes: [{ id: "a b" }] }, testLibrary)).toThrow(/at nodes\.0\.id/);
  });
});
