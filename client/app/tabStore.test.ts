// @vitest-environment happy-dom
import { emptyDocument } from "@distillery/shared/graph/document";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import { useTabStore } from "./tabStore";

const stores = () => ({ documents: useDocumentStore(), session: useSessionStore(), tabs: useTabStore() });

/** Shows a graph of this name in the active tab. */
function open(name: string): void {
  const { documents, tabs } = stores();
  const { open: opened } = documents.read(emptyDocument(name));
  documents.show(opened);
  tabs.update(tabs.active.key, { open: opened });
}
const rename = (name: string) => useDocumentStore().edit("Rename", (t) => t.updateMeta({ name }));

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  setActivePinia(createPinia());
});

describe("tabs", () => {
  it("keep their own undo, view and selection", () => {
    const { documents, session, tabs } = stores();
    open("One");
    rename("One, changed");
    session.viewport = { x: 5, y: 6, zoom: 0.5 };
    session.select(["a"]);
    const second = tabs.add({}, { replaces: false });
    expect(tabs.activate(second.key)).toBe(false);
    open("Two");
    session.viewport = { x: 0, y: 0, zoom: 1 };
    expect(documents.undoLabel).toBeNull();
    expect(tabs.all.map((tab) => tabs.seen(tab))).toEqual([
      { name: "One, changed", isModified: true },
      { name: "Two", isModified: false },
    ]);

    expect(tabs.activate("new")).toBe(true);
    expect(documents.meta.name).toBe("One, changed");
    expect(session.viewport).toEqual({ x: 5, y: 6, zoom: 0.5 });
    expect([...session.selectedNodes]).toEqual(["a"]);
    documents.undo();
    expect(tabs.seen(tabs.active)).toEqual({ name: "One", isModified: false });
  });

  it("hear only the graph on the screen, and a save that ends late marks the right one", () => {
    const { documents, tabs } = stores();
    open("One");
    rename("One, changed");
    const [first, stamp] = [documents.shown, documents.stamp];
    tabs.activate(tabs.add({}, { replaces: false }).key);
    open("Two");
    rename("Two, changed");
    let heard = 0;
    documents.listen(() => heard++);
    first.editor.edit("Rename", (t) => t.updateMeta({ name: "Behind" }));
    expect(heard).toBe(0);
    first.editor.undo();
    documents.markSaved(stamp, first);
    expect(documents.isModified).toBe(true);
    expect(tabs.all.map((tab) => tabs.seen(tab).isModified)).toEqual([false, true]);
  });

  it("take the place of a tab, and one is always left", () => {
    const { tabs } = stores();
    expect(tabs.add({ graphId: "g1" }, { replaces: true }).key).toBe("new");
    const { key } = tabs.add({ graphId: "g2" }, { replaces: false });
    tabs.activate(key);
    tabs.remove(key);
    expect(tabs.active.graphId).toBe("g1");
    tabs.remove("new");
    expect(tabs.all.map(({ graphId }) => graphId)).toEqual([null]);
    expect(tabs.active).toBe(tabs.all[0]);
  });
});
