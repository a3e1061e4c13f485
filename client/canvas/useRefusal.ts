/** After a wire was dropped where it does not fit: why, and a converter node that one click puts in between. */
import type { GraphEdge } from "@distillery/shared/graph/document";
import { onBeforeUnmount, shallowRef, watch } from "vue";
import { converterFor } from "../document/connection";
import type { Converter } from "../document/converter";
import { newNode } from "../document/defaults";
import type { useDocumentStore } from "../editor/documentStore";
import type { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import { type PointerState, snap } from "./gestureHost";
import { CARD } from "./nodeGeometry";
import type { Scene } from "./scene";

export interface Refusal {
  /** Pixels on the canvas. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly edge: GraphEdge;
  readonly converter: Converter | null;
}

export function useRefusal(
  documents: ReturnType<typeof useDocumentStore>,
  session: ReturnType<typeof useSessionStore>,
  scene: Scene,
) {
  const dropped = shallowRef<Refusal | null>(null);
  const close = (): void => {
    dropped.value = null;
  };

  function refuse({ screen }: PointerState, edge: GraphEdge, text: string): void {
    const converter = converterFor(documents.graph(), documents.library, edge.from, edge.to);
    dropped.value = { ...screen, text, edge, converter };
  }
  /** The converter half-way between the two sockets, with both wires: one step. */
  function insert(): void {
    if (!dropped.value?.converter) return;
    const { edge, converter } = dropped.value;
    const ends = [
      scene.socketAt(edge.from.node, edge.from.socket, "output"),
      scene.socketAt(edge.to.node, edge.to.socket, "input"),
    ].flatMap((point) => point ?? []);
    const middle = (axis: "x" | "y") => ends.reduce((sum, end) => sum + end[axis], 0) / Math.max(1, ends.length);
    const position = { x: snap(middle("x") - CARD.width / 2), y: snap(middle("y") - CARD.socketsTop) };
    const node = newNode(converter.definition, position, documents.document());
    documents.edit(say.document.edits.insert(converter.definition.title), (t) => {
      t.addNode(node);
      t.connect({ from: edge.from, to: { node: node.id, socket: converter.input } });
      t.connect({ from: { node: node.id, socket: converter.output }, to: edge.to });
    });
    session.view?.reveal(node.id);
  }

  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && dropped.value) close();
  };
  addEventListener("keydown", onKey);
  onBeforeUnmount(() => removeEventListener("keydown", onKey));
  // Anything else that happens answers the question.
  watch(
    () => (dropped.value ? [documents.revision, session.viewport, session.selectedNodes] : null),
    (_, before) => before && close(),
  );

  return { dropped, refuse, insert, close };
}
