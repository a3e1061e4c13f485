// @vitest-environment happy-dom
/**
 * What users of node editors complain about most (twenty-five things, collected from the trackers of ComfyUI, InvokeAI, Node-RED,
 * n8n, Langflow, chaiNNer and Baklava), and for each the test that shows it cannot happen here. A test that is renamed or
 * removed fails this file.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { testLibrary } from "./document/testLibrary";
import { useCommandStore } from "./editor/commandStore";
import { useDocumentStore } from "./editor/documentStore";
import { editCommands } from "./editor/editCommands";
import { type CanvasView, useSessionStore } from "./editor/sessionStore";
import { useFrameStore } from "./run/frameStore";
import { stats } from "./run/testing";

const HERE = "client/complaints.test.ts";
type Shown = readonly [file: string, test: string];

const COMPLAINTS: readonly (readonly [complaint: string, ...shown: Shown[]])[] = [
  [
    "1. Undo is incomplete or too fine",
    ["client/document/graphEditor.test.ts", "H1: parameters, titles, frames and the name can be undone"],
    ["client/document/graphEditor.test.ts", "H2 H3: a gesture is one step, a cancelled one is none"],
    ["client/document/clipboard.test.ts", "C1 C2: copies inner links and pastes under new ids in one step"],
  ],
  [
    "2. Large graphs lag",
    ["client/canvas/canvasBudget.test.ts", "walks over the whole graph at no step of panning, dragging and hovering"],
    ["client/canvas/canvasBudget.test.ts", "mounts only what is in view, and nothing from afar"],
  ],
  [
    "3. Parameters stored by position shift when a node changes",
    ["client/document/clipboard.test.ts", "L2 L3: migrates older versions, keeps newer ones"],
  ],
  [
    "4. Unsaved work is lost or overwritten",
    ["e2e/editor/files.spec.ts", "unsaved work survives a reload; saving gives the graph an address of its own"],
    ["e2e/editor/files.spec.ts", "a stale save loses nothing: the conflict is shown and can be settled"],
  ],
  [
    "5. Autosave without versions destroys a good state",
    ["e2e/editor/files.spec.ts", "older versions can be put back"],
    ["server/store/store.test.ts", "a stale save changes nothing, and every version stays"],
  ],
  [
    "6. Which node failed?",
    ["e2e/editor/problems.spec.ts", "a run that diverges stops and shows the node where it began"],
    ["client/run/runLog.test.ts", "marks the failed node and clears the mark when the run goes on"],
  ],
  [
    "7. Progress and previews are gone after a reload or reconnect",
    ["e2e/editor/training.spec.ts", "a reload during a run catches up, and a second viewer sees the same"],
    ["client/run/runStore.test.ts", "is rebuilt from the event log after a reload, then goes on live"],
  ],
  [
    "8. Cancel is slow, does nothing, or clears everything",
    ["e2e/editor/training.spec.ts", "a run is paused, resumed and cancelled"],
    [
      "server/runs/runs.test.ts",
      "a cancelled run ends between two steps, keeps a checkpoint, and can be continued by another",
    ],
  ],
  [
    "9. The queue is hard to read",
    ["server/runs/runs.test.ts", "runs wait for their device in order, and a waiting one can be cancelled"],
    ["client/viewers/viewers.test.ts", "list runs with their errors; two can be ticked for comparing"],
  ],
  [
    "10. Unchanged parts run again, nobody can see why",
    ["server/arena/arena.test.ts", "trains every method, judges all alike, and never repeats what it knows"],
  ],
  [
    "11. Updates break custom nodes",
    ["client/document/clipboard.test.ts", "L2 L3: migrates older versions, keeps newer ones"],
    ["client/document/clipboard.test.ts", "L1: an unknown node survives load and save unchanged, with its links"],
  ],
  [
    "12. The seed on the screen is not the seed of the picture",
    ["e2e/contracts/commandLine.spec.ts", "the same graph gives the same weights headless and through the server"],
    ["server/runs/runs.test.ts", "overrides change one run, not its graph"],
  ],
  [
    "13. Link spaghetti",
    ["client/canvas/scene.test.ts", "passes every point in order, without a corner"],
    ["e2e/editor/structure.spec.ts", "a wire is led through a point, which Delete takes away before the wire"],
  ],
  [
    "14. Subgraphs are unreliable",
    [
      "shared/graph/flatten.test.ts",
      "expands nested instances in place, with path ids, places and parameters from outside",
    ],
    [
      "shared/graph/flatten.test.ts",
      "leaves the flat graph and its hash as they were, wires of one socket in their order",
    ],
  ],
  ["15. Undo wipes the previews", [HERE, "undo and redo leave the pictures of a run where they are"]],
  [
    "16. Validation text is useless",
    ["client/document/connection.test.ts", "I4 I8: names both sockets and types"],
    ["e2e/contracts/http.spec.ts", "validation names node and socket, and a refused run says the same"],
  ],
  [
    "17. Search ranks badly",
    [
      "client/search/rank.test.ts",
      "puts the exact title before a prefix, a word's start, the inside and letters in order",
    ],
  ],
  [
    "18. A dropped PNG restores nothing; a missing node blocks the load",
    ["e2e/editor/files.spec.ts", "the PNG of a graph carries the graph: dropped on the canvas it opens again"],
    ["client/document/clipboard.test.ts", "L1: an unknown node survives load and save unchanged, with its links"],
  ],
  [
    "19. Frames, boxes and notes for order",
    ["client/canvas/gestures/gestures.test.ts", "a frame takes its nodes along"],
    [
      "e2e/editor/structure.spec.ts",
      "the menu under the right button mutes, a note is written in Markdown, and the history goes back",
    ],
  ],
  [
    '20. Paste lands far away, nodes move by themselves, "unsaved" without a change',
    [HERE, "paste lands under the pointer"],
    [HERE, "looking around is no change: nothing is unsaved, no node has moved"],
  ],
  [
    "21. No history of results, no comparison",
    ["client/viewers/viewers.test.ts", "list runs with their errors; two can be ticked for comparing"],
  ],
  [
    "22. One server for several people needs a login",
    ["server/http/access.test.ts", "every route refuses requests without it, except what a share link opens"],
  ],
  [
    "23. Touch is broken or missing",
    ["client/canvas/usePointerGestures.test.ts", "pan with one, and again after two have pinched"],
    ["client/canvas/usePointerGestures.test.ts", "connect by a tap on a socket and a tap on another"],
  ],
  [
    "24. Accessibility",
    ["e2e/editor/keyboard.spec.ts", "everything needed to build and run goes without a mouse"],
    ["client/theme/contrast.test.ts", "has text that can be read"],
  ],
  [
    "25. Memory grows with previews; text areas share the graph's undo",
    ["client/run/frameStore.test.ts", "closes what leaves it, least recently used first"],
    [HERE, "a text area keeps its own undo"],
  ],
];

describe("complaints about node editors", () => {
  const files = new Map<string, string>();
  const read = (file: string): string => {
    const text = files.get(file) ?? readFileSync(join(import.meta.dirname, "..", file), "utf8");
    files.set(file, text);
    return text;
  };

  it("are twenty-five", () => {
    expect(COMPLAINTS.map(([complaint]) => Number.parseInt(complaint, 10))).toEqual(
      Array.from({ length: 25 }, (_, i) => i + 1),
    );
  });
  const rows = COMPLAINTS.map(([complaint, ...shown]) => ({ complaint, shown }));
  it.each(rows)("$complaint: is shown not to happen", ({ shown }) => {
    expect(shown.filter(([file, test]) => !read(file).includes(`("${test}"`))).toEqual([]);
  });
});

describe("cannot happen here", () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    const documents = useDocumentStore();
    documents.useLibrary(testLibrary);
    documents.load({
      format: "distillery-graph",
      version: 1,
      nodes: [
        { id: "start", type: "data/start", params: {}, position: { x: 3, y: 7 } },
        { id: "step", type: "solver/step", params: {}, position: { x: 300, y: 0 } },
      ],
      edges: [{ from: { node: "start", socket: "x" }, to: { node: "step", socket: "x" } }],
    });
  });

  it("undo and redo leave the pictures of a run where they are", () => {
    const [documents, frames] = [useDocumentStore(), useFrameStore()];
    const place = { node: "step", socket: "student", row: 0, column: 0 };
    frames.index.add({ ...place, seq: 1, step: 1, t: 9, shape: [2], stats, format: "png" });
    documents.edit("Set", (t) => t.setParam("step", "eta", 0.5));
    documents.edit("Delete", (t) => t.removeNode("step"));
    documents.undo();
    documents.undo();
    documents.redo();
    expect(frames.index.newest("step")?.seq).toBe(1);
  });

  it("looking around is no change: nothing is unsaved, no node has moved", () => {
    const [documents, session] = [useDocumentStore(), useSessionStore()];
    const before = JSON.stringify(documents.toDocument({ x: 0, y: 0, zoom: 1 }));
    session.select(["start"]);
    session.viewport = { x: -40, y: 12, zoom: 0.5 };
    session.hoveredNode = "step";
    documents.edit("Move", (t) => t.updateNode("step", { position: { x: 300, y: 0 } }));
    expect(documents.isModified).toBe(false);
    expect(documents.undoLabel).toBeNull();
    expect(JSON.stringify(documents.toDocument({ x: 0, y: 0, zoom: 1 }))).toBe(before);
  });

  it("paste lands under the pointer", async () => {
    const [documents, session, commands] = [useDocumentStore(), useSessionStore(), useCommandStore()];
    let text = "";
    const clipboard = {
      read: async () => text,
      write: async (next: string) => {
        text = next;
      },
    };
    commands.register(editCommands(documents, session, clipboard));
    session.view = { pointer: () => ({ x: 5000, y: -800 }) } as unknown as CanvasView;
    session.select(["start", "step"]);
    commands.run("edit.copy");
    commands.run("edit.paste");
    await Promise.resolve();
    await Promise.resolve();
    const pasted = [...session.selectedNodes].map((id) => documents.graph().nodes.get(id)?.position);
    expect(Math.min(...pasted.map((at) => at?.x ?? 0))).toBe(5000);
    expect(Math.min(...pasted.map((at) => at?.y ?? 0))).toBe(-800);
  });

  it("a text area keeps its own undo", () => {
    const [documents, commands] = [useDocumentStore(), useCommandStore()];
    commands.register(editCommands(documents, useSessionStore(), { read: async () => "", write: async () => {} }));
    documents.edit("Set", (t) => t.setParam("step", "eta", 0.5));
    const area = document.body.appendChild(document.createElement("textarea"));
    const event = new KeyboardEvent("keydown", { key: "z", ctrlKey: true, cancelable: true, bubbles: true });
    area.dispatchEvent(event);
    expect(commands.handleKey(event)).toBe(false);
    expect(event.defaultPrevented).toBe(false);
    expect(documents.undoLabel).toBe("Set");
  });
});
