// @vitest-environment happy-dom
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { testLibrary } from "../document/testLibrary";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import { Scene } from "./scene";
import { useCanvasKeys } from "./useCanvasKeys";

describe("Alt and arrow keys", () => {
  beforeEach(() => setActivePinia(createPinia()));

  it("move what a drag would move: frames with what they hold, wires with their points, no pinned node", () => {
    const [documents, session] = [useDocumentStore(), useSessionStore()];
    const scene = new Scene(documents.graph, documents.library, () => false);
    documents.useLibrary(testLibrary);
    documents.listen((diff, cause) => (cause === "load" ? scene.rebuild() : scene.update(diff)));
    const node = (id: string, x: number) => ({ id, type: "solver/step", params: {}, position: { x, y: 60 } });
    const [from, to] = [
      { node: "a", socket: "x" },
      { node: "b", socket: "x" },
    ];
    documents.load({
      format: "distillery-graph",
      version: 1,
      nodes: [node("a", 40), node("b", 440), { ...node("held", 40), pinned: true }],
      edges: [{ from, to, via: [{ x: 350, y: 80 }] }],
      frames: [{ id: "f", position: { x: 0, y: 0 }, size: { width: 800, height: 500 } }],
    });
    const surface = document.body.appendChild(document.createElement("div"));
    surface.addEventListener(
      "keydown",
      useCanvasKeys(
        documents,
        session,
        scene,
        () => {},
        () => {},
      ),
    );
    session.select(["held"], ["f"]);
    for (let times = 0; times < 2; times++)
      surface.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", altKey: true }));
    const { nodes, frames, edges } = documents.graph();
    expect(frames.get("f")?.position).toEqual({ x: 0, y: 40 });
    expect(["a", "b", "held"].map((id) => nodes.get(id)?.position.y)).toEqual([100, 100, 60]);
    expect(edges.get("a.x>b.x")?.via).toEqual([{ x: 350, y: 120 }]);
    documents.undo();
    expect(documents.isModified).toBe(false);
  });
});
