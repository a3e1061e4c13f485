/** The editor's own commands. */
import { copyFragment, fragmentOrigin, type Pasted, parseFragment, pasteFragment } from "../document/clipboard";
import { removeWayPoint } from "../document/wayPoints";
import { arrangeCommands } from "./arrangeCommands";
import type { Command } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { nodeCommands } from "./nodeCommands";
import { whenEditable } from "./readOnly";
import { OTHER_WIRES, type useSessionStore } from "./sessionStore";
import { subgraphCommands } from "./subgraphCommands";

type Documents = ReturnType<typeof useDocumentStore>;
type Session = ReturnType<typeof useSessionStore>;

const isLink = (text: string): boolean => /^\s*https?:\/\/\S+\s*$/.test(text);

/** Where copied text goes: the system clipboard, or a stand-in where the browser gives no access. */
export interface TextClipboard {
  read(): Promise<string>;
  write(text: string): Promise<void>;
}

export function systemClipboard(): TextClipboard {
  let own = "";
  return {
    async read() {
      try {
        return (await navigator.clipboard.readText()) || own;
      } catch {
        return own;
      }
    },
    async write(text) {
      own = text;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // Refused without permission or outside a secure context: the text stays in this tab.
      }
    },
  };
}

export function editCommands(
  documents: Documents,
  session: Session,
  clipboard: TextClipboard,
  /** Takes pasted text that is no part of a graph. */
  otherText: (text: string) => void = () => {},
): Command[] {
  const when = whenEditable(session);
  const hasNodes = () => session.selectedNodes.size + session.selectedFrames.size > 0;
  const nothingChosen = "No node or frame is selected.";
  const canRemove = () =>
    session.selectedFrames.size > 0 || session.selectedEdge !== null || ![...session.selectedNodes].every(isPinned);
  const selectedText = () =>
    copyFragment(documents.graph(), session.selectedNodes, session.selectedFrames, (nodes) =>
      documents.document().used(nodes),
    );

  function place(text: string, label: string, at: { x: number; y: number } | { dx: number; dy: number }): void {
    const fragment = parseFragment(text);
    if (!fragment || fragment.nodes.length + fragment.frames.length === 0) return;
    const origin = fragmentOrigin(fragment);
    const offset = "dx" in at ? { x: at.dx, y: at.dy } : { x: at.x - origin.x, y: at.y - origin.y };
    const pasted: Pasted = documents.edit(label, (t) => pasteFragment(t, fragment, offset));
    session.select(pasted.nodes, pasted.frames);
  }
  const isPinned = (id: string) => documents.graph().nodes.get(id)?.pinned === true;
  /** A chosen way point goes before its wire; pinned nodes stay. */
  function removeSelection(): void {
    const { selectedNodes, selectedFrames, selectedEdge, selectedPoint } = session;
    documents.edit(selectedPoint === null ? "Delete" : "Remove way point", (t) => {
      for (const id of selectedNodes) if (!isPinned(id)) t.removeNode(id);
      for (const id of selectedFrames) t.removeFrame(id);
      if (selectedEdge === null) return;
      if (selectedPoint === null) t.disconnect(selectedEdge);
      else removeWayPoint(t, selectedEdge, selectedPoint);
    });
    if (selectedPoint === null) session.select([...selectedNodes].filter(isPinned));
    else session.selectWire(selectedEdge);
  }

  const panel = (name: keyof Session["panels"], title: string, key: string): Command => ({
    id: `view.${name}`,
    title,
    group: "View",
    keys: [key],
    run: () => {
      session.panels[name] = !session.panels[name];
    },
  });

  return [
    {
      id: "edit.undo",
      title: "Undo",
      group: "Edit",
      keys: ["Mod+Z"],
      ...when(() => documents.undoLabel !== null, "Nothing was changed yet."),
      run: () => void documents.undo(),
    },
    {
      id: "edit.redo",
      title: "Redo",
      group: "Edit",
      keys: ["Mod+Shift+Z", "Mod+Y"],
      ...when(() => documents.redoLabel !== null, "Nothing was undone."),
      run: () => void documents.redo(),
    },
    {
      id: "edit.copy",
      title: "Copy",
      group: "Edit",
      keys: ["Mod+C"],
      canExecute: () => hasNodes() && getSelection()?.isCollapsed !== false,
      whyNot: () => "No node or frame is selected, or text is.",
      run: () => clipboard.write(selectedText()),
    },
    {
      id: "edit.cut",
      title: "Cut",
      group: "Edit",
      keys: ["Mod+X"],
      ...when(
        () => hasNodes() && canRemove(),
        () => (hasNodes() ? "What is selected is pinned." : nothingChosen),
      ),
      run: () => {
        const written = clipboard.write(selectedText());
        removeSelection();
        return written;
      },
    },
    {
      id: "edit.paste",
      title: "Paste",
      group: "Edit",
      keys: ["Mod+V"],
      ...when(),
      run: async () => {
        const at = session.view?.pointer() ?? { x: 0, y: 0 };
        const text = await clipboard.read();
        if (isLink(text)) otherText(text);
        else place(text, "Paste", at);
      },
    },
    {
      id: "edit.duplicate",
      title: "Duplicate",
      group: "Edit",
      keys: ["Mod+D"],
      ...when(hasNodes, nothingChosen),
      run: () => place(selectedText(), "Duplicate", { dx: 32, dy: 32 }),
    },
    {
      id: "edit.delete",
      title: "Delete",
      group: "Edit",
      keys: ["Delete", "Backspace"],
      ...when(canRemove, () => (session.hasSelection ? "What is selected is pinned." : "Nothing is selected.")),
      run: removeSelection,
    },
    {
      id: "edit.selectAll",
      title: "Select all",
      group: "Edit",
      keys: ["Mod+A"],
      run: () => session.select(documents.nodeIds, documents.frameIds),
    },
    {
      id: "edit.clearSelection",
      title: "Clear the selection",
      group: "Edit",
      keys: ["Escape"],
      canExecute: () => session.hasSelection,
      whyNot: () => "Nothing is selected.",
      run: () => session.clearSelection(),
    },
    ...subgraphCommands(documents, session),
    ...nodeCommands(documents, session),
    ...arrangeCommands(documents, session),
    {
      id: "view.otherWires",
      title: "Other wires: shown, dimmed or hidden",
      group: "View",
      keys: ["W"],
      run: () => {
        session.otherWires =
          OTHER_WIRES[(OTHER_WIRES.indexOf(session.otherWires) + 1) % OTHER_WIRES.length] ?? "dimmed";
      },
    },
    {
      id: "view.fit",
      title: "Fit everything",
      group: "View",
      keys: ["F", "Shift+1"],
      run: () => session.view?.fit(session.selectedNodes.size > 0 ? session.selectedNodes : undefined),
    },
    {
      id: "view.zoomIn",
      title: "Zoom in",
      group: "View",
      keys: ["Mod++", "Mod+="],
      run: () => session.view?.zoomBy(1.25),
    },
    { id: "view.zoomOut", title: "Zoom out", group: "View", keys: ["Mod+-"], run: () => session.view?.zoomBy(0.8) },
    {
      id: "view.zoomReset",
      title: "Zoom to 100 %",
      group: "View",
      keys: ["Mod+0"],
      run: () => session.view?.zoomTo(1),
    },
    panel("minimap", "Minimap", "M"),
    panel("palette", "Node palette", "["),
    panel("inspector", "Inspector", "]"),
    {
      id: "view.history",
      title: "Undo history",
      group: "View",
      keys: ["Shift+H"],
      isOn: () => session.panels.history,
      run: () => {
        session.panels.history = !session.panels.history;
        if (session.panels.history) session.panels.inspector = true;
      },
    },
    { id: "view.theme", title: "Light or dark", group: "View", keys: ["Shift+D"], run: () => session.toggleTheme() },
    {
      id: "help.shortcuts",
      title: "Keyboard shortcuts",
      group: "Help",
      keys: ["?"],
      run: () => {
        session.panels.shortcuts = !session.panels.shortcuts;
      },
    },
  ];
}
