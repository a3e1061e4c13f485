/** One open graph: its records, its history, and the only way to change it. No Vue, no canvas. */
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { type Diff, emptyDiff, isEmptyDiff, reverseDiff, squashDiffs } from "./diff";
import { History, type HistoryState } from "./history";
import { GraphRecords, type GraphView } from "./records";
import { Transaction } from "./transaction";

/** `load` means: everything is different, start afresh. */
export type Cause = "edit" | "undo" | "redo" | "load";
export type Listener = (diff: Diff, cause: Cause) => void;

export class GraphEditor {
  private records: GraphRecords;
  private readonly history = new History();
  private readonly listeners = new Set<Listener>();
  private gesture: { label: string; diff: Diff } | null = null;

  constructor(
    readonly library: Pick<NodeLibrary, "get" | "all">,
    document: GraphDocument = emptyDocument(),
  ) {
    this.records = GraphRecords.from(document);
  }

  get graph(): GraphView {
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
    this.records = GraphRecords.from(document);
    this.history.clear();
    this.gesture = null;
    this.emit(emptyDiff(), "load");
  }

  toDocument(viewport: GraphDocument["viewport"]): GraphDocument {
    return this.records.toDocument(viewport);
  }

  /**
   * One change, all or nothing: when `change` throws, nothing has happened and the error goes on.
   * Changes with the same `mergeKey` that follow each other are one undo step until `settle()`.
   */
  edit<T>(label: string, change: (transaction: Transaction) => T, mergeKey?: string): T {
    const transaction = new Transaction(this.records, this.library);
    let result: T;
    try {
      result = change(transaction);
    } catch (error) {
      transaction.rollBack();
      throw error;
    }
    const diff = transaction.diff;
    if (!isEmptyDiff(diff)) {
      if (this.gesture) this.gesture.diff = squashDiffs(this.gesture.diff, diff);
      else this.history.record(label, diff, mergeKey);
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
    this.gesture = { label, diff: emptyDiff() };
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
    if (!gesture || isEmptyDiff(gesture.diff)) return;
    const diff = reverseDiff(gesture.diff);
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

  private replay(diff: Diff | null, cause: Cause): boolean {
    if (!diff) return false;
    this.records.apply(diff);
    this.emit(diff, cause);
    return true;
  }

  private emit(diff: Diff, cause: Cause): void {
    for (const listener of this.listeners) listener(diff, cause);
  }
}
