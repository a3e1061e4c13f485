/** Undo and redo in steps of intent: one drag, one paste, one word typed into one field (SPEC.md, H1-H7). */

import { say } from "../language";
import { type DocumentDiff, isEmptyChange, reverseChange, squashChanges } from "./documentDiff";

interface Step {
  readonly label: string;
  readonly diff: DocumentDiff;
  /** Steps with the same key that follow each other directly become one. */
  readonly mergeKey?: string;
  /** Names the state after this step, so that coming back to it can be recognised. */
  readonly stamp: number;
}

/** A state that can be gone to: the one before all steps, or the one after a step. */
export interface HistoryState {
  readonly label: string;
  readonly stamp: number;
  readonly isUndone: boolean;
}

const DEPTH = 500;
const words = say.document.history;

export class History {
  private done: Step[] = [];
  private undone: Step[] = [];
  private stamps = 0;
  private base = 0;
  private mergeable = false;
  /** Steps too old to be kept were dropped. */
  private isCut = false;

  /** Names the present state: equal again after undoing back to it. */
  get stamp(): number {
    return this.done.at(-1)?.stamp ?? this.base;
  }
  get undoLabel(): string | null {
    return this.done.at(-1)?.label ?? null;
  }
  get redoLabel(): string | null {
    return this.undone.at(-1)?.label ?? null;
  }

  /** In the order in which they came about; those that were undone come last. */
  get states(): HistoryState[] {
    const stateOf =
      (isUndone: boolean) =>
      ({ label, stamp }: Step): HistoryState => ({ label, stamp, isUndone });
    const first = { label: this.isCut ? words.earlier : words.asOpened, stamp: this.base, isUndone: false };
    return [first, ...this.done.map(stateOf(false)), ...[...this.undone].reverse().map(stateOf(true))];
  }

  record(label: string, diff: DocumentDiff, mergeKey?: string): void {
    if (isEmptyChange(diff)) return;
    this.undone = [];
    const last = this.done.at(-1);
    const merges = this.mergeable && mergeKey !== undefined && last?.mergeKey === mergeKey;
    const total = merges ? squashChanges(last.diff, diff) : diff;
    if (merges) this.done.pop();
    if (!isEmptyChange(total)) {
      this.stamps += 1;
      this.done.push({ label, diff: total, stamp: this.stamps, ...(mergeKey !== undefined && { mergeKey }) });
    }
    this.mergeable = !merges || !isEmptyChange(total);
    if (this.done.length <= DEPTH) return;
    this.base = this.done.shift()?.stamp ?? this.base;
    this.isCut = true;
  }

  /** Ends a stretch of merging: the next change starts a step of its own. */
  settle(): void {
    this.mergeable = false;
  }

  /** The diff to apply, or `null` when there is nothing to undo. */
  undo(): DocumentDiff | null {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(step);
    this.mergeable = false;
    return reverseChange(step.diff);
  }

  redo(): DocumentDiff | null {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push(step);
    this.mergeable = false;
    return step.diff;
  }

  clear(): void {
    this.stamps += 1;
    this.base = this.stamps;
    this.isCut = false;
    this.done = [];
    this.undone = [];
    this.mergeable = false;
  }
}
