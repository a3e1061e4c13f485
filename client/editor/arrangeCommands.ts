/** Commands that put nodes in order: lining up, spacing, laying out. */
import { ALIGNMENTS, type Alignment, aligned, distributed } from "../canvas/alignment";
import { autoLayout } from "../canvas/autoLayout";
import type { Rect } from "../canvas/spatialIndex";
import type { Command } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { whenEditable } from "./readOnly";
import type { useSessionStore } from "./sessionStore";

type Moves = ReadonlyMap<string, { x: number; y: number }>;

const KEYS: Partial<Record<Alignment, string>> = {
  left: "Mod+Shift+ArrowLeft",
  right: "Mod+Shift+ArrowRight",
  top: "Mod+Shift+ArrowUp",
  bottom: "Mod+Shift+ArrowDown",
};

export function arrangeCommands(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
): Command[] {
  const when = whenEditable(session);
  const sizeOf = (id: string) => session.view?.sizeOf(id) ?? { width: 220, height: 120 };
  const boxes = (): Map<string, Rect> =>
    new Map(
      [...session.selectedNodes].flatMap((id) => {
        const node = documents.graph().nodes.get(id);
        const { width, height } = sizeOf(id);
        return node ? [[id, { ...node.position, width, height }] as const] : [];
      }),
    );

  /** Pinned nodes stay; wires between moved nodes lose their way points where these would lead astray. */
  function move(label: string, moves: Moves, straighten = false): void {
    documents.edit(label, (t) => {
      for (const [id, position] of moves) if (!t.graph.nodes.get(id)?.pinned) t.updateNode(id, { position });
      if (!straighten) return;
      for (const [key, { from, to, via }] of t.graph.edges)
        if (via && moves.has(from.node) && moves.has(to.node)) t.routeWire(key, []);
    });
  }
  /** The selection, where several nodes are selected; else everything. */
  function arrange(): void {
    const graph = documents.graph();
    const chosen = session.selectedNodes.size > 1 ? session.selectedNodes : null;
    const isFollowed = (to: { node: string; socket: string }) =>
      documents.library.get(graph.nodes.get(to.node)?.type ?? "")?.inputs[to.socket]?.isDelayed !== true;
    const moves = autoLayout(graph, sizeOf, ({ to }) => isFollowed(to), chosen);
    move(chosen ? "Lay out the selection" : "Auto layout", moves, true);
    if (!chosen) session.view?.fit();
  }

  const align = (how: Alignment): Command => ({
    id: `align.${how}`,
    title: `Align: ${how}`,
    group: "Arrange",
    ...(KEYS[how] && { keys: [KEYS[how]] }),
    ...when(() => session.selectedNodes.size > 1, "Select at least two nodes."),
    run: () => move(`Align ${how}`, aligned(boxes(), how)),
  });
  const distribute = (axis: "x" | "y", name: string): Command => ({
    id: `distribute.${axis}`,
    title: `Distribute ${name}`,
    group: "Arrange",
    ...when(() => session.selectedNodes.size > 2, "Select at least three nodes."),
    run: () => move(`Distribute ${name}`, distributed(boxes(), axis)),
  });

  return [
    ...ALIGNMENTS.map(align),
    distribute("x", "horizontally"),
    distribute("y", "vertically"),
    {
      id: "layout.auto",
      title: "Auto layout",
      group: "Arrange",
      keys: ["Shift+L"],
      ...when(() => documents.nodeIds.length > 0, "The graph is empty."),
      run: arrange,
    },
    {
      id: "view.snap",
      title: "Snap to grid",
      group: "Arrange",
      keys: ["Shift+G"],
      isOn: () => session.snapToGrid,
      run: () => {
        session.snapToGrid = !session.snapToGrid;
      },
    },
  ];
}
