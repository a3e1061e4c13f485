/** The editor's own commands. */
import { copyFragment, fragmentOrigin, type Pasted, parseFragment, pasteFragment } from "../document/clipboard";
import { removeWayPoint } from "../document/wayPoints";
import { say } from "../language";
import { arrangeCommands } from "./arrangeCommands";
import { type Command, named } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { nodeCommands } from "./nodeCommands";
import { whenEditable } from "./readOnly";
import { OTHER_WIRES, type useSessionStore } from "./sessionStore";
import { subgraphCommands } from "./subgraphCommands";

const { titles, reasons, edits } = say.commands;

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
    documents.edit(selectedPoint === null ? titles["edit.delete"] : edits.removeWayPoint, (t) => {
      for (const id of selectedNodes) if (!isPinned(id)) t.removeNode(id);
      for (const id of selectedFrames) t.removeFrame(id);
      if (selectedEdge === null) return;
      if (selectedPoint === null) t.disconnect(selectedEdge);
      else removeWayPoint(t, selectedEdge, selectedPoint);
    });
    if (selectedPoint === null) session.select([...selectedNodes].filter(isPinned));
    else session.selectWire(selectedEdge);
  }

  const panel = (name: "minimap" | "palette" | "inspector", key: string): Command => ({
    ...named(`view.${name}`),
    group: "view",
    keys: [key],
    run: () => {
      session.panels[name] = !session.panels[name];
    },
  });

  return [
    {
      ...named("edit.undo"),
      group: "edit",
      keys: ["Mod+Z"],
      ...when(() => documents.undoLabel !== null, reasons.nothingChanged),
      run: () => void documents.undo(),
    },
    {
      ...named("edit.redo"),
      group: "edit",
      keys: ["Mod+Shift+Z", "Mod+Y"],
      ...when(() => documents.redoLabel !== null, reasons.nothingUndone),
      run: () => void documents.redo(),
    },
    {
      ...named("edit.copy"),
      group: "edit",
      keys: ["Mod+C"],
      canExecute: () => hasNodes() && getSelection()?.isCollapsed !== false,
      whyNot: () => reasons.textSelected,
      run: () => clipboard.write(selectedText()),
    },
    {
      ...named("edit.cut"),
      group: "edit",
      keys: ["Mod+X"],
      ...when(
        () => hasNodes() && canRemove(),
        () => (hasNodes() ? reasons.pinned : reasons.noNodeOrFrame),
      ),
      run: () => {
        const written = clipboard.write(selectedText());
        removeSelection();
        return written;
      },
    },
    {
      ...named("edit.paste"),
      group: "edit",
      keys: ["Mod+V"],
      ...when(),
      run: async () => {
        const at = session.view?.pointer() ?? { x: 0, y: 0 };
        const text = await clipboard.read();
        if (isLink(text)) otherText(text);
        else place(text, titles["edit.paste"], at);
      },
    },
    {
      ...named("edit.duplicate"),
      group: "edit",
      keys: ["Mod+D"],
      ...when(hasNodes, reasons.noNodeOrFrame),
      run: () => place(selectedText(), titles["edit.duplicate"], { dx: 32, dy: 32 }),
    },
    {
      ...named("edit.delete"),
      group: "edit",
      keys: ["Delete", "Backspace"],
      ...when(canRemove, () => (session.hasSelection ? reasons.pinned : reasons.nothingSelected)),
      run: removeSelection,
    },
    {
      ...named("edit.selectAll"),
      group: "edit",
      keys: ["Mod+A"],
      run: () => session.select(documents.nodeIds, documents.frameIds),
    },
    {
      ...named("edit.clearSelection"),
      group: "edit",
      keys: ["Escape"],
      canExecute: () => session.hasSelection,
      whyNot: () => reasons.nothingSelected,
      run: () => session.clearSelection(),
    },
    ...subgraphCommands(documents, session),
    ...nodeCommands(documents, session),
    ...arrangeCommands(documents, session),
    {
      ...named("view.otherWires"),
      group: "view",
      keys: ["W"],
      run: () => {
        session.otherWires =
          OTHER_WIRES[(OTHER_WIRES.indexOf(session.otherWires) + 1) % OTHER_WIRES.length] ?? "dimmed";
      },
    },
    {
      ...named("view.fit"),
      group: "view",
      keys: ["F", "Shift+1"],
      run: () => session.view?.fit(session.selectedNodes.size > 0 ? session.selectedNodes : undefined),
    },
    {
      ...named("view.zoomIn"),
      group: "view",
      keys: ["Mod++", "Mod+="],
      run: () => session.view?.zoomBy(1.25),
    },
    { ...named("view.zoomOut"), group: "view", keys: ["Mod+-"], run: () => session.view?.zoomBy(0.8) },
    {
      ...named("view.zoomReset"),
      group: "view",
      keys: ["Mod+0"],
      run: () => session.view?.zoomTo(1),
    },
    panel("minimap", "M"),
    panel("palette", "["),
    panel("inspector", "]"),
    {
      ...named("view.history"),
      group: "view",
      keys: ["Shift+H"],
      isOn: () => session.panels.history,
      run: () => {
        session.panels.history = !session.panels.history;
        if (session.panels.history) session.panels.inspector = true;
      },
    },
    { ...named("view.theme"), group: "view", keys: ["Shift+D"], run: () => session.toggleTheme() },
    {
      ...named("help.shortcuts"),
      group: "help",
      keys: ["?"],
      run: () => {
        session.panels.shortcuts = !session.panels.shortcuts;
      },
    },
  ];
}
