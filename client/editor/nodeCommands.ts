/** Commands on what is selected: modes, looks, frames and notes, the ways of wires. */
import type { GraphNode, NodeMode } from "@distillery/shared/graph/document";
import { newId } from "../document/defaults";
import type { NodePatch, Transaction } from "../document/transaction";
import { addWayPoint } from "../document/wayPoints";
import { COLORS } from "./colors";
import type { Command } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { whenEditable } from "./readOnly";
import type { useSessionStore } from "./sessionStore";

const FRAME_PADDING = { side: 24, top: 48 };
const EMPTY_FRAME = { width: 360, height: 220 };
const NOTE = { width: 260, height: 160 };

export function nodeCommands(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
): Command[] {
  const when = whenEditable(session);
  const whenSelected = when(() => session.selectedNodes.size > 0, "No node is selected.");
  const onWire = when(() => session.selectedEdge !== null, "No wire is selected.");
  const selected = (): GraphNode[] => [...session.selectedNodes].flatMap((id) => documents.graph().nodes.get(id) ?? []);
  const all = (has: (node: GraphNode) => boolean): boolean => selected().length > 0 && selected().every(has);

  /** A look or mode that all selected nodes get, or lose where all have it. */
  function toggle(
    id: string,
    title: string,
    keys: readonly string[],
    has: (node: GraphNode) => boolean,
    patch: (on: boolean) => NodePatch,
  ): Command {
    return {
      id,
      title,
      group: "Nodes",
      keys,
      ...whenSelected,
      isOn: () => all(has),
      run() {
        const on = !all(has);
        documents.edit(on ? title : `${title}: off`, (t) => {
          for (const { id: node } of selected()) t.updateNode(node, patch(on));
        });
      },
    };
  }
  const mode = (id: string, title: string, keys: readonly string[], value: NodeMode) =>
    toggle(
      id,
      title,
      keys,
      (node) => node.mode === value,
      (on) => ({ mode: on ? value : undefined }),
    );

  function paint(t: Transaction, color: string | undefined): void {
    for (const id of session.selectedNodes) t.updateNode(id, { color });
    for (const id of session.selectedFrames) t.updateFrame(id, { color });
  }
  function frameSelection(): void {
    const size = (id: string) => session.view?.sizeOf(id) ?? { width: 220, height: 120 };
    const boxes = selected().map((node) => ({ ...node.position, ...size(node.id) }));
    const centre = session.view?.pointer() ?? { x: 0, y: 0 };
    const x = boxes.length ? Math.min(...boxes.map((b) => b.x)) - FRAME_PADDING.side : centre.x;
    const y = boxes.length ? Math.min(...boxes.map((b) => b.y)) - FRAME_PADDING.top : centre.y;
    const right = Math.max(...boxes.map((b) => b.x + b.width)) + FRAME_PADDING.side;
    const bottom = Math.max(...boxes.map((b) => b.y + b.height)) + FRAME_PADDING.side;
    addFrame("Add frame", "frame", { x, y }, boxes.length ? { width: right - x, height: bottom - y } : EMPTY_FRAME);
  }
  function addFrame(
    label: string,
    kind: "frame" | "note",
    position: { x: number; y: number },
    size: { width: number; height: number },
  ): void {
    const id = documents.edit(label, (t) => {
      const made = newId(kind, (taken) => t.graph.frames.has(taken));
      const look = kind === "note" ? ({ kind, title: "", color: "#c98a1e" } as const) : { title: "Frame" };
      t.addFrame({ id: made, text: "", position, size, ...look });
      return made;
    });
    session.select([], [id]);
    if (kind === "note") session.editedNote = id;
  }
  const via = () => documents.graph().edges.get(session.selectedEdge ?? "")?.via ?? [];

  return [
    {
      id: "node.add",
      title: "Add a node",
      group: "Nodes",
      keys: ["Shift+A"],
      ...when(),
      run: () => session.view?.openAddMenu(),
    },
    mode("node.mute", "Mute", ["Mod+M", "Shift+M"], "mute"),
    mode("node.bypass", "Bypass", ["Mod+B", "Shift+B"], "bypass"),
    toggle(
      "node.collapse",
      "Collapse",
      ["H"],
      (n) => n.collapsed === true,
      (collapsed) => ({ collapsed }),
    ),
    toggle(
      "node.pin",
      "Pin",
      ["Shift+P"],
      (n) => n.pinned === true,
      (pinned) => ({ pinned }),
    ),
    ...COLORS.map(
      ([name, color]): Command => ({
        id: `node.color.${name}`,
        title: color === undefined ? "No colour" : `Colour: ${name}`,
        group: "Nodes",
        ...when(() => session.selectedNodes.size + session.selectedFrames.size > 0, "No node or frame is selected."),
        run: () => documents.edit("Colour", (t) => paint(t, color)),
      }),
    ),
    {
      id: "frame.add",
      title: "Frame the selection",
      group: "Nodes",
      keys: ["Mod+G"],
      ...when(),
      run: frameSelection,
    },
    {
      id: "note.add",
      title: "Add a note",
      group: "Nodes",
      keys: ["N"],
      ...when(),
      run: () => addFrame("Add note", "note", session.view?.pointer() ?? { x: 0, y: 0 }, NOTE),
    },
    {
      id: "wire.insert",
      title: "Insert a node into the wire",
      group: "Wires",
      ...onWire,
      run: () => session.view?.openAddMenu(session.selectedEdge),
    },
    {
      id: "wire.point",
      title: "Add a way point",
      group: "Wires",
      ...onWire,
      run() {
        const wire = session.selectedEdge;
        const at = session.view?.pointer();
        if (wire === null || !at) return;
        const index = session.view?.stretchAt(wire, at) ?? 0;
        documents.edit("Add way point", (t) => addWayPoint(t, wire, index, at));
        session.selectWire(wire, index);
      },
    },
    {
      id: "wire.straighten",
      title: "Remove all way points",
      group: "Wires",
      ...when(() => via().length > 0, "No wire with way points is selected."),
      run() {
        const wire = session.selectedEdge;
        if (wire !== null) documents.edit("Straighten wire", (t) => t.routeWire(wire, []));
        session.selectWire(wire);
      },
    },
  ];
}
