// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { expect, it } from "vitest";
import { testLibrary } from "../document/testLibrary";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import GraphCanvas from "./GraphCanvas.vue";
import { NOTHING_LIVE } from "./nodeRunState";

it("a node that is deleted under the pointer no longer dims the other wires, nor does one of another sheet", () => {
  setActivePinia(createPinia());
  const [documents, session] = [useDocumentStore(), useSessionStore()];
  documents.useLibrary(testLibrary);
  const nodes = ["a", "b"].map((id) => ({ id, type: "solver/step", params: {} }));
  documents.load({ format: "distillery-graph", version: 1, nodes, edges: [] });
  const canvas = mount(GraphCanvas, { props: { live: NOTHING_LIVE, issues: [] } });
  session.hoveredNode = "a";
  documents.edit("Delete", (t) => t.removeNode("b"));
  expect(session.hoveredNode).toBe("a");
  documents.edit("Delete", (t) => t.removeNode("a"));
  expect(session.hoveredNode).toBeNull();
  documents.undo();
  session.hoveredNode = "a";
  documents.clear();
  expect(session.hoveredNode).toBeNull();
  canvas.unmount();
});
