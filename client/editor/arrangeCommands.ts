/** Commands that put nodes in order: lining up, spacing, laying out. */
import { ALIGNMENTS, type Alignment, aligned, distributed } from "../canvas/alignment";
import { autoLayout } from "../canvas/autoLayout";
import type { Rect } from "../canvas/spatialIndex";
import { say } from "../language";
import { type Command, named } from "./commandStore";
import type { useDocumentStore } from "./documentStore";
import { whenEditable } from "./readOnly";
import type { useSessionStore } from "./sessionStore";

const { titles, reasons, edits } = say.commands;

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
    move(chosen ? edits.layOutSelection : titles["layout.auto"], moves, true);
    if (!chosen) session.view?.fit();
  }

  const align = (how: Alignment): Command => ({
    ...named(`align.${how}`),
    group: "arrange",
    ...(KEYS[how] && { keys: [KEYS[how]] }),
    ...when(() => session.selectedNodes.size > 1, reasons.twoNodes),
    run: () => move(edits.align[how], aligned(boxes(), how)),
  });
  const distribute = (axis: "x" | "y"): Command => ({
    ...named(`distribute.${axis}`),
    group: "arrange",
    ...when(() => session.selectedNodes.size > 2, reasons.threeNodes),
    run: () => move(titles[`distribute.${axis}`], distributed(boxes(), axis)),
  });

  return [
    ...ALIGNMENTS.map(align),
    distribute("x"),
    distribute("y"),
    {
      ...named("layout.auto"),
      group: "arrange",
      keys: ["Shift+L"],
      ...when(() => documents.nodeIds.length > 0, reasons.emptyGraph),
      run: arrange,
    },
    {
      ...named("view.snap"),
      group: "arrange",
      keys: ["Shift+G"],
      isOn: () => session.snapToGrid,
      run: () => {
        session.snapToGrid = !session.snapToGrid;
      },
    },
  ];
}
