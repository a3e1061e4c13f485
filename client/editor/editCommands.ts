/** The editor's own commands. */
import { autoLayout } from "../canvas/autoLayout";
import { copyFragment, fragmentOrigin, type Pasted, parseFragment, pasteFragment } from "../document/clipboard";
import { newId } from "../document/defaults";
import type { Command } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import type { useSessionStore } from "./sessionStore";

type Documents = ReturnType<typeof useDocumentStore>;
type Session = ReturnType<typeof useSessionStore>;

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

const FRAME_PADDING = { side: 24, top: 48 };

export function editCommands(documents: Documents, session: Session, clipboard: TextClipboard): Command[] {
  const canEdit = () => !session.readOnly;
  const readOnly = () => (canEdit() ? "" : "This graph is shared read only; fork it to change it.");
  const nothingChosen = () => readOnly() || "No node or frame is selected.";
  const hasNodes = () => session.selectedNodes.size + session.selectedFrames.size > 0;
  const selectedText = () => copyFragment(documents.graph(), session.selectedNodes, session.selectedFrames);

  function place(text: string, label: string, at: { x: number; y: number } | { dx: number; dy: number }): void {
    const fragment = parseFragment(text);
    if (!fragment || fragment.nodes.length + fragment.frames.length === 0) return;
    const origin = fragmentOrigin(fragment);
    const offset = "dx" in at ? { x: at.dx, y: at.dy } : { x: at.x - origin.x, y: at.y - origin.y };
    const pasted: Pasted = documents.edit(label, (t) => pasteFragment(t, fragment, offset));
    session.select(pasted.nodes, pasted.frames);
  }
  function removeSelection(): void {
    const { selectedNodes, selectedFrames, selectedEdge } = session;
    documents.edit("Delete", (t) => {
      for (const id of selectedNodes) t.removeNode(id);
      for (const id of selectedFrames) t.removeFrame(id);
      if (selectedEdge !== null) t.disconnect(selectedEdge);
    });
    session.clearSelection();
  }
  function frameSelection(): void {
    const size = (id: string) => session.view?.sizeOf(id) ?? { width: 220, height: 120 };
    const boxes = [...session.selectedNodes].flatMap((id) => {
      const node = documents.graph().nodes.get(id);
      return node ? [{ ...node.position, ...size(id) }] : [];
    });
    const centre = session.view?.pointer() ?? { x: 0, y: 0 };
    const left = boxes.length ? Math.min(...boxes.map((b) => b.x)) - FRAME_PADDING.side : centre.x;
    const top = boxes.length ? Math.min(...boxes.map((b) => b.y)) - FRAME_PADDING.top : centre.y;
    const right = boxes.length ? Math.max(...boxes.map((b) => b.x + b.width)) + FRAME_PADDING.side : left + 360;
    const bottom = boxes.length ? Math.max(...boxes.map((b) => b.y + b.height)) + FRAME_PADDING.side : top + 220;
    const id = documents.edit("Add frame", (t) => {
      const made = newId("frame", (taken) => t.graph.frames.has(taken));
      const position = { x: left, y: top };
      t.addFrame({ id: made, title: "Frame", text: "", position, size: { width: right - left, height: bottom - top } });
      return made;
    });
    session.select([], [id]);
  }
  function arrange(): void {
    const graph = documents.graph();
    const moves = autoLayout(
      graph,
      (id) => session.view?.sizeOf(id) ?? { width: 220, height: 120 },
      ({ to }) => documents.library.get(graph.nodes.get(to.node)?.type ?? "")?.inputs[to.socket]?.isDelayed !== true,
    );
    documents.edit("Auto layout", (t) => {
      for (const [id, position] of moves) t.updateNode(id, { position });
    });
    session.view?.fit();
  }

  return [
    {
      id: "edit.undo",
      title: "Undo",
      group: "Edit",
      keys: ["Mod+Z"],
      canExecute: () => canEdit() && documents.undoLabel !== null,
      whyNot: () => readOnly() || "Nothing was changed yet.",
      run: () => void documents.undo(),
    },
    {
      id: "edit.redo",
      title: "Redo",
      group: "Edit",
      keys: ["Mod+Shift+Z", "Mod+Y"],
      canExecute: () => canEdit() && documents.redoLabel !== null,
      whyNot: () => readOnly() || "Nothing was undone.",
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
      canExecute: () => canEdit() && hasNodes(),
      whyNot: nothingChosen,
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
      canExecute: canEdit,
      whyNot: readOnly,
      run: async () => {
        const at = session.view?.pointer() ?? { x: 0, y: 0 };
        place(await clipboard.read(), "Paste", at);
      },
    },
    {
      id: "edit.duplicate",
      title: "Duplicate",
      group: "Edit",
      keys: ["Mod+D"],
      canExecute: () => canEdit() && hasNodes(),
      whyNot: nothingChosen,
      run: () => place(selectedText(), "Duplicate", { dx: 32, dy: 32 }),
    },
    {
      id: "edit.delete",
      title: "Delete",
      group: "Edit",
      keys: ["Delete", "Backspace"],
      canExecute: () => canEdit() && session.hasSelection,
      whyNot: () => readOnly() || "Nothing is selected.",
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
    {
      id: "node.add",
      title: "Add a node",
      group: "Nodes",
      keys: ["Shift+A"],
      canExecute: canEdit,
      whyNot: readOnly,
      run: () => session.view?.openAddMenu(),
    },
    {
      id: "frame.add",
      title: "Frame the selection",
      group: "Nodes",
      keys: ["Mod+G"],
      canExecute: canEdit,
      whyNot: readOnly,
      run: frameSelection,
    },
    {
      id: "layout.auto",
      title: "Auto layout",
      group: "Nodes",
      keys: ["Shift+L"],
      canExecute: () => canEdit() && documents.nodeIds.length > 0,
      whyNot: () => readOnly() || "The graph is empty.",
      run: arrange,
    },
    {
      id: "view.snap",
      title: "Snap to grid",
      group: "View",
      keys: ["Shift+G"],
      run: () => {
        session.snapToGrid = !session.snapToGrid;
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
    {
      id: "view.minimap",
      title: "Minimap",
      group: "View",
      keys: ["M"],
      run: () => {
        session.panels.minimap = !session.panels.minimap;
      },
    },
    {
      id: "view.palette",
      title: "Node palette",
      group: "View",
      keys: ["["],
      run: () => {
        session.panels.palette = !session.panels.palette;
      },
    },
    {
      id: "view.inspector",
      title: "Inspector",
      group: "View",
      keys: ["]"],
      run: () => {
        session.panels.inspector = !session.panels.inspector;
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
