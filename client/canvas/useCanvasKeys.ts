/** Keys that belong to the canvas: walking along wires, nudging, Enter for the inspector, C to connect. */
import type { useDocumentStore } from "../editor/documentStore";
import type { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import { GRID } from "./gestureHost";
import { type Direction, walkFrom } from "./graphWalk";
import { movedParts, moveParts } from "./movedParts";
import type { Scene } from "./scene";

const WALK: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
const STEP: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [-GRID, 0],
  right: [GRID, 0],
  up: [0, -GRID],
  down: [0, GRID],
};

/** With a modifier it is a command's: Ctrl+Enter runs, Ctrl+C copies. */
const isPlain = (event: KeyboardEvent, key: string): boolean =>
  event.key.toLowerCase() === key && !event.ctrlKey && !event.metaKey && !event.altKey;

export function useCanvasKeys(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
  scene: Scene,
  openInspector: (node: string) => void,
  connect: (node: string) => void,
) {
  /** Moves the selection by one grid step; repeated presses are one undo step. */
  function nudge(direction: Direction): void {
    const [x, y] = STEP[direction];
    const { selectedNodes, selectedFrames } = session;
    const parts = movedParts(documents.graph(), scene, selectedNodes, selectedFrames);
    const key = `nudge:${[...selectedNodes, ...selectedFrames].join()}`;
    documents.edit(say.document.edits.move, (t) => moveParts(t, parts, { x, y }), key);
  }
  function walk(direction: Direction, from: string | null): void {
    const first = scene.nodes.entries().next().value?.[0];
    const next = from === null ? first : walkFrom(documents.graph(), (id) => scene.rect(id), from, direction);
    if (next) session.view?.reveal(next);
  }

  return (event: KeyboardEvent): void => {
    const { node: onCard, frameTitle } = event.target instanceof HTMLElement ? event.target.dataset : {};
    const direction = WALK[event.key];
    const nudges = direction !== undefined && event.altKey;
    if (event.target !== event.currentTarget && onCard === undefined && !(nudges && frameTitle !== undefined)) return;
    const current = onCard ?? session.soleNode;
    if (nudges) {
      if (!session.readOnly) nudge(direction);
    } else if (direction && !event.ctrlKey && !event.metaKey) walk(direction, current);
    else if (isPlain(event, "enter") && current !== null) openInspector(current);
    else if (isPlain(event, "c") && current !== null && !session.readOnly) connect(current);
    else return;
    event.preventDefault();
  };
}
