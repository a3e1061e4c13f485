/** A graph that the open one is compared with: what differs is listed, and marked on the canvas, while one edits. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { defineStore } from "pinia";
import { computed, ref, shallowRef, watch } from "vue";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import { marksOf } from "./diffMarks";
import { type Difference, differences } from "./graphDiff";

/** Milliseconds of rest after an edit. */
const REST = 120;

export const useGraphDiffStore = defineStore("graphDiff", () => {
  const documents = useDocumentStore();
  const session = useSessionStore();
  /** What is compared with, and the open graph that it is compared with: other tabs are not marked. */
  const base = shallowRef<{ readonly title: string; readonly graph: GraphDocument; readonly of: object } | null>(null);
  const isShown = computed(() => base.value !== null && base.value.of === documents.shown);
  const found = shallowRef<readonly Difference[]>([]);
  /** Place of the difference looked at last. */
  const at = ref(-1);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function update(): void {
    if (!base.value || !isShown.value) {
      session.marks = null;
      return;
    }
    const present = documents.toDocument({ ...session.viewport });
    found.value = differences(base.value.graph, present, documents.library);
    // Inside a subgraph there is only the list: what it tells is placed on the top level.
    session.marks =
      documents.path.length > 0 ? null : marksOf(found.value, base.value.graph, present, documents.library);
  }
  watch(
    () => [documents.revision, documents.shown, documents.path],
    () => {
      if (!base.value) return;
      clearTimeout(timer);
      timer = setTimeout(update, REST);
    },
  );

  /** Compares the open graph with `graph`. */
  function show(title: string, graph: GraphDocument): void {
    base.value = { title, graph, of: documents.shown };
    at.value = -1;
    session.panels.inspector = true;
    update();
  }
  function close(): void {
    clearTimeout(timer);
    base.value = null;
    found.value = [];
    session.marks = null;
  }

  /** Leads to what a difference is about. */
  function look(place: number): void {
    const difference = found.value[place];
    if (!difference) return;
    at.value = place;
    if (documents.path.length > 0) {
      documents.open([]);
      update();
    }
    const { node, edge } = difference;
    const graph = documents.graph();
    const ghost = session.marks?.ghosts.find(({ id }) => id === node);
    if (node && graph.nodes.has(node)) session.view?.reveal(node);
    else if (ghost) session.view?.show(ghost.rect);
    else if (edge) {
      const end = edge.split(">")[1]?.split(".").slice(0, -1).join(".");
      if (end && graph.nodes.has(end)) session.view?.reveal(end);
      if (graph.edges.has(edge)) session.selectWire(edge);
    }
  }
  const step = (by: 1 | -1): void => {
    const count = found.value.length;
    if (count > 0) look((at.value + by + count) % count);
  };

  return { base, found, at, isShown, show, close, look, step };
});
