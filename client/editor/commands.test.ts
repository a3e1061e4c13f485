// @vitest-environment happy-dom
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { testLibrary } from "../document/testLibrary";
import { useCommandStore } from "./commandStore";
import { useDocumentStore } from "./documentStore";
import { editCommands } from "./editCommands";
import { keyName, shownKey } from "./keyboard";
import { searchNodes } from "./nodeSearch";
import { useSessionStore } from "./sessionStore";

const press = (key: string, keys: Partial<KeyboardEventInit> = {}) =>
  new KeyboardEvent("keydown", { key, cancelable: true, ...keys });

describe("keys", () => {
  it("names a press with its modifiers", () => {
    expect(keyName(press("z", { ctrlKey: true, shiftKey: true }), false)).toBe("Mod+Shift+Z");
    expect(keyName(press("?", { shiftKey: true }), false)).toBe("?");
    expect(keyName(press("z", { metaKey: true }), true)).toBe("Mod+Z");
    expect(keyName(press(" "), false)).toBe("Space");
  });
  it("shows keys as the system writes them", () => {
    expect(shownKey("Mod+Shift+Z", true)).toBe("⌘⇧Z");
    expect(shownKey("Mod++", false)).toBe("Ctrl++");
  });
});

describe("editing commands", () => {
  let text = "";
  beforeEach(() => {
    setActivePinia(createPinia());
    text = "";
    const documents = useDocumentStore();
    documents.useLibrary(testLibrary);
    documents.load({
      format: "distillery-graph",
      version: 1,
      nodes: [
        { id: "start", type: "data/start", params: {} },
        { id: "step", type: "solver/step", params: {}, position: { x: 300, y: 0 } },
      ],
      edges: [{ from: { node: "start", socket: "x" }, to: { node: "step", socket: "x" } }],
    });
    const clipboard = {
      read: async () => text,
      write: async (next: string) => {
        text = next;
      },
    };
    useCommandStore().register(editCommands(documents, useSessionStore(), clipboard));
  });

  it("copies, cuts and pastes with links, each as one step", async () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    commands.run("edit.selectAll");
    commands.run("edit.cut");
    expect(documents.nodeIds).toEqual([]);
    commands.run("edit.paste");
    await Promise.resolve();
    await Promise.resolve();
    expect(documents.nodeIds).toEqual(["start", "step"]);
    expect(documents.edgeKeys).toEqual(["start.x>step.x"]);
    expect([...session.selectedNodes]).toEqual(["start", "step"]);
    documents.undo();
    documents.undo();
    expect(documents.isModified).toBe(false);
  });

  it("deletes a chosen wire, and by key", () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    session.selectWire("start.x>step.x");
    expect(commands.handleKey(press("Delete"))).toBe(true);
    expect(documents.edgeKeys).toEqual([]);
    expect(commands.handleKey(press("Delete"))).toBe(false);
    expect(commands.handleKey(press("z", { ctrlKey: true }))).toBe(true);
    expect(documents.edgeKeys).toEqual(["start.x>step.x"]);
  });

  it("leaves keys to text fields", () => {
    const input = document.body.appendChild(document.createElement("input"));
    useSessionStore().select(["start"]);
    const event = press("Delete");
    input.dispatchEvent(event);
    expect(useCommandStore().handleKey(event)).toBe(false);
    expect(useDocumentStore().nodeIds.length).toBe(2);
  });

  it("changes nothing in a shared graph", () => {
    useSessionStore().readOnly = true;
    useSessionStore().select(["start"]);
    for (const id of ["edit.delete", "edit.cut", "edit.duplicate", "layout.auto", "edit.undo"])
      expect(useCommandStore().run(id), id).toBe(false);
  });

  it("lays out, frames and duplicates as undoable steps", () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    session.select(["start", "step"]);
    commands.run("frame.add");
    expect(documents.frameIds).toEqual(["frame"]);
    session.select(["step"]);
    commands.run("edit.duplicate");
    expect(documents.graph().nodes.get("step-2")?.position).toEqual({ x: 332, y: 32 });
    commands.run("layout.auto");
    expect(documents.undoLabel).toBe("Auto layout");
    while (documents.undo());
    expect(documents.isModified).toBe(false);
  });

  it("mutes and pins what is selected, and back; pinned nodes are not deleted", () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    session.select(["start", "step"]);
    commands.run("node.mute");
    expect(documents.graph().nodes.get("step")?.mode).toBe("mute");
    expect(commands.entry("node.mute")).toMatchObject({ label: "Mute", checked: true });
    commands.run("node.bypass");
    expect(documents.graph().nodes.get("step")?.mode).toBe("bypass");
    commands.run("node.bypass");
    expect(documents.graph().nodes.get("step")).not.toHaveProperty("mode");
    session.select(["start"]);
    commands.run("node.pin");
    expect(commands.canRun("edit.delete")).toBe(false);
    session.select(["start", "step"]);
    commands.run("edit.delete");
    expect(documents.nodeIds).toEqual(["start"]);
  });

  it("leads a wire through points, and Delete takes the point before the wire", () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    documents.edit("Bend", (t) => t.routeWire("start.x>step.x", [{ x: 1, y: 2 }]));
    session.selectWire("start.x>step.x", 0);
    commands.run("edit.delete");
    expect(documents.graph().edges.get("start.x>step.x")).not.toHaveProperty("via");
    commands.run("edit.delete");
    expect(documents.edgeKeys).toEqual([]);
  });

  it("lays out only the selection, where there is one", () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    documents.edit("Add", (t) => t.addNode({ id: "far", type: "data/start", params: {}, position: { x: 7, y: 900 } }));
    session.select(["start", "step"]);
    commands.run("layout.auto");
    expect(documents.graph().nodes.get("far")?.position).toEqual({ x: 7, y: 900 });
    expect(documents.undoLabel).toBe("Lay out the selection");
  });

  it("says why an edit is refused", async () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    const refused: string[] = [];
    commands.onRefused((reason) => refused.push(reason));
    session.select(["start"]);
    commands.run("subgraph.fold");
    commands.run("edit.copy");
    commands.run("subgraph.open");
    commands.run("edit.paste");
    await vi.waitFor(() => expect(refused).toEqual(["A subgraph cannot hold itself."]));
    expect(documents.nodeIds).toHaveLength(3);
    session.select(["inputs"]);
    commands.run("subgraph.fold");
    await vi.waitFor(() => expect(refused).toHaveLength(2));
  });

  it("lists every key once in the sheet; Escape clears the selection first, then leaves the subgraph", () => {
    const keys = [...useCommandStore().commands.values()].flatMap((command) => command.keys ?? []);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual(["Escape"]);
    expect(useCommandStore().sheet.map((group) => group.title)).toEqual([
      "Edit",
      "Subgraphs",
      "Nodes",
      "Arrange",
      "View",
      "Help",
    ]);
  });
});

describe("searchNodes", () => {
  it("wants every word, best title first", () => {
    const titles = (query: string) => searchNodes(testLibrary, query).map((definition) => definition.title);
    expect(titles("st")[0]).toBe("Start");
    expect(titles("solver st")).toEqual(["Solver step"]);
    expect(titles("nothing like it")).toEqual([]);
    expect(titles("").length).toBe(testLibrary.all().length);
  });
});
