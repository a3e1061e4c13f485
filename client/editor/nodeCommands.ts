/** Commands on what is selected: modes, looks, frames and notes, the ways of wires. */
import type { GraphNode, NodeMode } from "@distillery/shared/graph/document";
import { newId } from "../document/defaults";
import type { NodePatch, Transaction } from "../document/transaction";
import { addWayPoint } from "../document/wayPoints";
import { say } from "../language";
import { COLORS } from "./colors";
import { type Command, type CommandId, named } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { whenEditable } from "./readOnly";
import type { useSessionStore } from "./sessionStore";

const { reasons, edits, frame } = say.commands;

const FRAME_PADDING = { side: 24, top: 48 };
const EMPTY_FRAME = { width: 360, height: 220 };
const NOTE = { width: 260, height: 160 };

export function nodeCommands(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
): Command[] {
  const when = whenEditable(session);
  const whenSelected = when(() => session.selectedNodes.size > 0, reasons.noNode);
  const onWire = when(() => session.selectedEdge !== null, reasons.noWire);
  const selected = (): GraphNode[] => [...session.selectedNodes].flatMap((id) => documents.graph().nodes.get(id) ?? []);
  const all = (has: (node: GraphNode) => boolean): boolean => selected().length > 0 && selected().every(has);

  /** A look or mode that all selected nodes get, or lose where all have it. */
  function toggle(
    id: CommandId,
    keys: readonly string[],
    has: (node: GraphNode) => boolean,
    patch: (on: boolean) => NodePatch,
  ): Command {
    const command = named(id);
    return {
      ...command,
      group: "nodes",
      keys,
      ...whenSelected,
      isOn: () => all(has),
      run() {
        const on = !all(has);
        documents.edit(on ? command.title : edits.off(command.title), (t) => {
          for (const { id: node } of selected()) t.updateNode(node, patch(on));
        });
      },
    };
  }
  const mode = (id: CommandId, keys: readonly string[], value: NodeMode) =>
    toggle(
      id,
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
    addFrame(edits.addFrame, "frame", { x, y }, boxes.length ? { width: right - x, height: bottom - y } : EMPTY_FRAME);
  }
  function addFrame(
    label: string,
    kind: "frame" | "note",
    position: { x: number; y: number },
    size: { width: number; height: number },
  ): void {
    const id = documents.edit(label, (t) => {
      const made = newId(kind, (taken) => t.graph.frames.has(taken));
      const look = kind === "note" ? ({ kind, title: "", color: "#c98a1e" } as const) : { title: frame };
      t.addFrame({ id: made, text: "", position, size, ...look });
      return made;
    });
    session.select([], [id]);
    if (kind === "note") session.editedNote = id;
  }
  const via = () => documents.graph().edges.get(session.selectedEdge ?? "")?.via ?? [];

  return [
    {
      ...named("node.add"),
      group: "nodes",
      keys: ["Shift+A"],
      ...when(),
      run: () => session.view?.openAddMenu(),
    },
    mode("node.mute", ["Mod+M", "Shift+M"], "mute"),
    mode("node.bypass", ["Mod+B", "Shift+B"], "bypass"),
    toggle(
      "node.collapse",
      ["H"],
      (n) => n.collapsed === true,
      (collapsed) => ({ collapsed }),
    ),
    toggle(
      "node.pin",
      ["Shift+P"],
      (n) => n.pinned === true,
      (pinned) => ({ pinned }),
    ),
    ...COLORS.map(
      ([name, color]): Command => ({
        ...named(`node.color.${name}`),
        group: "nodes",
        ...when(() => session.selectedNodes.size + session.selectedFrames.size > 0, reasons.noNodeOrFrame),
        run: () => documents.edit(edits.color, (t) => paint(t, color)),
      }),
    ),
    {
      ...named("frame.add"),
      group: "nodes",
      keys: ["Mod+G"],
      ...when(),
      run: frameSelection,
    },
    {
      ...named("note.add"),
      group: "nodes",
      keys: ["N"],
      ...when(),
      run: () => addFrame(edits.addNote, "note", session.view?.pointer() ?? { x: 0, y: 0 }, NOTE),
    },
    {
      ...named("wire.insert"),
      group: "wires",
      ...onWire,
      run: () => session.view?.openAddMenu(session.selectedEdge),
    },
    {
      ...named("wire.point"),
      group: "wires",
      ...onWire,
      run() {
        const wire = session.selectedEdge;
        const at = session.view?.pointer();
        if (wire === null || !at) return;
        const index = session.view?.stretchAt(wire, at) ?? 0;
        documents.edit(edits.addWayPoint, (t) => addWayPoint(t, wire, index, at));
        session.selectWire(wire, index);
      },
    },
    {
      ...named("wire.straighten"),
      group: "wires",
      ...when(() => via().length > 0, reasons.noWayPoints),
      run() {
        const wire = session.selectedEdge;
        if (wire !== null) documents.edit(edits.straighten, (t) => t.routeWire(wire, []));
        session.selectWire(wire);
      },
    },
  ];
}
