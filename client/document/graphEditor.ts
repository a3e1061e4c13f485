/** One open graph: its records, its history, and the only way to change it. No Vue, no canvas. */
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { isDefinedHere } from "@distillery/shared/graph/subgraph";
import { type Diff, emptyDiff, emptyTable } from "./diff";
import { type DocumentDiff, isEmptyChange, reverseChange, squashChanges, TOP } from "./documentDiff";
import { DocumentRecords } from "./documentRecords";
import { DocumentTransaction } from "./documentTransaction";
import { History, type HistoryState } from "./history";
import type { GraphView } from "./records";
import { SheetLibraries } from "./sheetLibrary";
import type { Transaction } from "./transaction";

/** `load` means: everything is different, start afresh; `open` the same for what is seen, though nothing has changed. */
export type Cause = "edit" | "undo" | "redo" | "load" | "open";
/** The diff is of the sheet that is open; what changed elsewhere is seen in the whole document only. */
export type Listener = (diff: Diff, cause: Cause) => void;

export class GraphEditor {
  private records: DocumentRecords;
  /** Instances that are open one in another; none: the document's own sheet. */
  private opened: readonly string[] = [];
  private readonly history = new History();
  private readonly listeners = new Set<Listener>();
  private readonly libraries: SheetLibraries;
  private gesture: { label: string; diff: DocumentDiff } | null = null;
  private toldStructure = 0;

  constructor(base: Pick<NodeLibrary, "get" | "all">, document: GraphDocument = emptyDocument()) {
    this.records = new DocumentRecords(document);
    this.libraries = new SheetLibraries(base, () => this.records);
  }

  /** The sheet that is open. */
  get graph(): GraphView {
    return this.records.sheet(this.sheet);
  }
  get meta() {
    return this.records.sheet(TOP).meta;
  }
  get path(): readonly string[] {
    return this.opened;
  }
  get sheet(): string {
    return this.records.sheetAt(this.opened) ?? TOP;
  }
  /** Node types there are on the open sheet. */
  get library(): Pick<NodeLibrary, "get" | "all"> {
    return this.libraries.of(this.sheet);
  }
  /** The whole document, to be read. */
  get document(): DocumentRecords {
    return this.records;
  }
  /** Names the present state; equal again after undoing back to it. */
  get stamp(): number {
    return this.history.stamp;
  }
  get undoLabel(): string | null {
    return this.history.undoLabel;
  }
  get redoLabel(): string | null {
    return this.history.redoLabel;
  }
  get inGesture(): boolean {
    return this.gesture !== null;
  }

  /** Calls `listener` after every change; returns the function that stops it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  load(document: GraphDocument): void {
    this.records = new DocumentRecords(document);
    this.opened = [];
    this.history.clear();
    this.gesture = null;
    this.emit(null, "load");
  }

  /** Shows another sheet; `false` when these instances do not lead to one. */
  open(path: readonly string[]): boolean {
    if (this.records.sheetAt(path) === undefined) return false;
    if (path.join("/") === this.opened.join("/")) return true;
    this.commit();
    this.opened = [...path];
    this.emit(null, "open");
    return true;
  }

  toDocument(viewport: GraphDocument["viewport"]): GraphDocument {
    return this.records.toDocument(viewport);
  }

  /**
   * One change, all or nothing: when `change` throws, nothing has happened and the error goes on.
   * Changes with the same `mergeKey` that follow each other are one undo step until `settle()`.
   */
  edit<T>(label: string, change: (transaction: Transaction) => T, mergeKey?: string): T {
    const whole = new DocumentTransaction(this.records, this.opened, (sheet) => this.libraries.of(sheet));
    let result: T;
    try {
      result = change(whole.on(this.sheet));
    } catch (error) {
      whole.rollBack();
      throw error;
    }
    const { diff } = whole;
    if (!isEmptyChange(diff)) {
      if (this.gesture) this.gesture.diff = squashChanges(this.gesture.diff, diff);
      else this.history.record(label, diff, mergeKey && [...this.opened, mergeKey].join("/"));
      this.emit(diff, "edit");
    }
    return result;
  }

  settle(): void {
    this.history.settle();
  }

  /** From here until `commit` everything is one undo step. */
  begin(label: string): void {
    this.commit();
    this.gesture = { label, diff: { at: this.opened, sheets: new Map(), heads: emptyTable() } };
  }

  commit(): void {
    const gesture = this.gesture;
    this.gesture = null;
    if (gesture) this.history.record(gesture.label, gesture.diff);
  }

  /** Takes back everything since `begin`, leaving no trace in the history. */
  cancel(): void {
    const gesture = this.gesture;
    this.gesture = null;
    if (!gesture || isEmptyChange(gesture.diff)) return;
    const diff = reverseChange(gesture.diff);
    this.records.apply(diff);
    this.emit(diff, "undo");
  }

  undo(): boolean {
    if (this.gesture) {
      this.cancel();
      return true;
    }
    return this.replay(this.history.undo(), "undo");
  }

  redo(): boolean {
    this.commit();
    return this.replay(this.history.redo(), "redo");
  }

  get states(): HistoryState[] {
    return this.history.states;
  }
  /** Undoes or redoes until the state with this stamp; nothing where there is none. */
  travelTo(stamp: number): void {
    this.commit();
    const target = this.states.find((state) => state.stamp === stamp);
    if (!target) return;
    while (this.stamp !== stamp && (target.isUndone ? this.redo() : this.undo()));
  }

  /** Leads to where it happened first, so that nothing changes unseen. */
  private replay(diff: DocumentDiff | null, cause: Cause): boolean {
    if (!diff) return false;
    this.open(diff.at);
    this.records.apply(diff);
    this.emit(diff, cause);
    return true;
  }

  private emit(change: DocumentDiff | null, cause: Cause): void {
    // What an edit elsewhere left without a way to it is closed.
    while (this.records.sheetAt(this.opened) === undefined) this.opened = this.opened.slice(0, -1);
    const own = change?.sheets.get(this.sheet) ?? emptyDiff();
    const meta = change?.sheets.get(TOP)?.meta;
    const diff = this.withInstances({ ...own, ...(meta && { meta }) });
    for (const listener of this.listeners) listener(diff, cause);
  }

  /** Instances and borders look different when something inside or outside changes, though they do not change themselves. */
  private withInstances(diff: Diff): Diff {
    const { structure, heads } = this.records;
    if (structure === this.toldStructure || heads.size === 0) return diff;
    this.toldStructure = structure;
    const updated = new Map(diff.nodes.updated);
    for (const [id, node] of this.graph.nodes)
      if (isDefinedHere(node) && !updated.has(id) && !diff.nodes.added.has(id)) updated.set(id, [node, node]);
    return { ...diff, nodes: { ...diff.nodes, updated } };
  }
}
