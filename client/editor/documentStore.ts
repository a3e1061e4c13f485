/** The open graph, as Vue sees it: one trigger per node, so that an edit re-renders only what it touched. */
import { emptyDocument, type GraphDocument, type GraphFrame, type GraphNode } from "@distillery/shared/graph/document";
import { NodeLibrary } from "@distillery/shared/graph/node";
import { isDefinedHere } from "@distillery/shared/graph/subgraph";
import { defineStore } from "pinia";
import { computed, markRaw, type ShallowRef, shallowRef } from "vue";
import { type Diff, emptyDiff, type GraphMeta } from "../document/diff";
import { type Cause, GraphEditor, type Listener } from "../document/graphEditor";
import type { HistoryState } from "../document/history";
import { type Loaded, loadDocument } from "../document/loading";
import type { GraphView } from "../document/records";
import type { Transaction } from "../document/transaction";

/** Keeps one shallow ref per record, made when somebody first looks. */
class RecordRefs<T> {
  private readonly refs = new Map<string, ShallowRef<T | undefined>>();
  constructor(private readonly read: (id: string) => T | undefined) {}

  get(id: string): T | undefined {
    const known = this.refs.get(id);
    if (known) return known.value;
    const made = shallowRef(this.read(id));
    this.refs.set(id, made);
    return made.value;
  }
  refresh(ids: Iterable<string>): void {
    for (const id of ids) {
      const known = this.refs.get(id);
      if (known) known.value = this.read(id);
    }
  }
  refreshAll(): void {
    this.refresh(this.refs.keys());
  }
}

/** A graph with its undo, on the screen or waiting behind another. */
export interface OpenGraph {
  readonly editor: GraphEditor;
  /** Stamp of the state that is stored. */
  savedStamp: number;
  /** What opening it changed, and what in it is not known here. */
  readonly notices: readonly string[];
  /** As it came, where it is of a newer version and may only be looked at. */
  readonly untouched: unknown;
}

const idsOf = (table: Diff["nodes"] | Diff["edges"] | Diff["frames"]): string[] => [
  ...table.added.keys(),
  ...table.updated.keys(),
  ...table.removed.keys(),
];

export const useDocumentStore = defineStore("document", () => {
  const library = shallowRef(markRaw(new NodeLibrary([])));
  const base = markRaw({
    get: (type: string) => library.value.get(type),
    all: () => library.value.all(),
  });
  const listeners = new Set<Listener>();
  const shown = shallowRef(opened());
  const editor = (): GraphEditor => shown.value.editor;
  /** Counts the changes of what is computed or wired, on any sheet. */
  const structure = shallowRef(0);
  /** Node types there are on the open sheet; those that the document defines itself change with it. */
  const libraryView = markRaw({
    get(type: string) {
      if (isDefinedHere({ type })) void structure.value;
      return editor().library.get(type);
    },
    all() {
      void structure.value;
      return editor().library.all();
    },
    originOf: (type: string) => library.value.originOf(type),
  });

  const nodes = new RecordRefs<GraphNode>((id) => editor().graph.nodes.get(id));
  const frames = new RecordRefs<GraphFrame>((id) => editor().graph.frames.get(id));
  const nodeIds = shallowRef<readonly string[]>([]);
  const frameIds = shallowRef<readonly string[]>([]);
  const edgeKeys = shallowRef<readonly string[]>([]);
  const meta = shallowRef<GraphMeta>(editor().meta);
  /** Instances that are open one in another; none: the document's own sheet. */
  const path = shallowRef<readonly string[]>([]);
  /** Counts every change of the graph. */
  const revision = shallowRef(0);
  const stamp = shallowRef(editor().stamp);
  const savedStamp = shallowRef(editor().stamp);
  const undoLabel = shallowRef<string | null>(null);
  const redoLabel = shallowRef<string | null>(null);

  function refreshHistory(): void {
    stamp.value = editor().stamp;
    savedStamp.value = shown.value.savedStamp;
    undoLabel.value = editor().undoLabel;
    redoLabel.value = editor().redoLabel;
  }
  function refreshLists(diff: Diff | null): void {
    const resized = (table: { added: ReadonlyMap<string, unknown>; removed: ReadonlyMap<string, unknown> }) =>
      table.added.size + table.removed.size > 0;
    if (!diff || resized(diff.nodes)) nodeIds.value = [...editor().graph.nodes.keys()];
    if (!diff || resized(diff.frames)) frameIds.value = [...editor().graph.frames.keys()];
    if (!diff || resized(diff.edges)) edgeKeys.value = [...editor().graph.edges.keys()];
  }

  /** A graph of its own; what happens to it is heard while it is on the screen. */
  function opened(loaded?: Loaded, stored?: unknown): OpenGraph {
    const made: OpenGraph = markRaw({
      editor: new GraphEditor(base, loaded?.document),
      savedStamp: 0,
      notices: loaded?.notices ?? [],
      untouched: loaded && loaded.newerVersion !== null ? stored : null,
    });
    made.savedStamp = made.editor.stamp;
    made.editor.listen((diff, cause) => {
      if (made === shown.value) follow(diff, cause);
    });
    return made;
  }
  let lastStructure = editor().document.structure;
  function follow(diff: Diff, cause: Cause): void {
    const known = editor().document.structure;
    // Another graph may have changed as often as this one.
    if (cause === "load" || known !== lastStructure) structure.value += 1;
    lastStructure = known;
    if (path.value !== editor().path) path.value = editor().path;
    if (cause === "load" || cause === "open") {
      nodes.refreshAll();
      frames.refreshAll();
      refreshLists(null);
      meta.value = editor().meta;
    } else {
      nodes.refresh(idsOf(diff.nodes));
      frames.refresh(idsOf(diff.frames));
      refreshLists(diff);
      if (diff.meta) meta.value = diff.meta[1];
    }
    revision.value += 1;
    refreshHistory();
    for (const listener of listeners) listener(diff, cause);
  }

  /** Reads a stored graph, and says what was changed or not understood. Throws `LoadFailed`. */
  function read(stored: unknown): Loaded & { open: OpenGraph } {
    const loaded = loadDocument(stored, base);
    return { ...loaded, open: opened(loaded, stored) };
  }
  /** Puts a graph on the screen in the place of the present one, which goes on where it is kept. */
  function show(open: OpenGraph): void {
    if (open === shown.value) return;
    editor().commit();
    shown.value = open;
    follow(emptyDiff(), "load");
  }
  /** Reads a stored graph and shows it. */
  function load(stored: unknown): Loaded {
    const loaded = read(stored);
    show(loaded.open);
    return loaded;
  }

  return {
    /** Which node types exist; set once at the start. */
    useLibrary: (next: NodeLibrary) => {
      library.value = markRaw(next);
    },
    library: libraryView,
    /** The present graph, not reactive: read it in handlers; in templates use `node(id)`, `nodeIds`, ... */
    graph: (): GraphView => editor().graph,
    node: (id: string): GraphNode | undefined => nodes.get(id),
    frame: (id: string): GraphFrame | undefined => frames.get(id),
    definitionOf: (id: string) => {
      const node = nodes.get(id);
      return node && libraryView.get(node.type);
    },
    path,
    /** Shows the inside of instances, one in another; `false` when they do not lead to a sheet. */
    open: (instances: readonly string[]): boolean => editor().open(instances),
    /** The whole document, not reactive; in templates read `structure` first. */
    document: () => editor().document,
    structure,
    nodeIds,
    frameIds,
    edgeKeys,
    meta,
    revision,
    stamp,
    /** Whether there is anything to save; undoing back to the saved state makes it false again. */
    isModified: computed(() => stamp.value !== savedStamp.value),
    undoLabel,
    redoLabel,
    /** All states that can be gone to, and which is stored. */
    states: computed((): HistoryState[] => {
      void stamp.value;
      return editor().states;
    }),
    savedStamp,
    travelTo: (to: number) => editor().travelTo(to),
    shown,
    read,
    show,
    load,
    clear: () => load(emptyDocument()),
    toDocument: (viewport: GraphDocument["viewport"]): GraphDocument => editor().toDocument(viewport),
    /** Call after a successful save with the stamp read when the saved text was taken. */
    markSaved: (at: number = editor().stamp, graph: OpenGraph = shown.value) => {
      graph.savedStamp = at;
      refreshHistory();
    },
    /** Calls `listener` after every change of the graph on the screen; returns the function that stops it. */
    listen(listener: Listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    edit: <T>(label: string, change: (transaction: Transaction) => T, mergeKey?: string): T =>
      editor().edit(label, change, mergeKey),
    begin: (label: string) => editor().begin(label),
    commit: () => {
      editor().commit();
      refreshHistory();
    },
    cancel: () => {
      editor().cancel();
      refreshHistory();
    },
    settle: () => editor().settle(),
    undo: () => editor().undo(),
    redo: () => editor().redo(),
  };
});
