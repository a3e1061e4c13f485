/** Undo and redo in steps of intent: one drag, one paste, one word typed into one field (SPEC.md, H1-H7). */
import { type Diff, isEmptyDiff, reverseDiff, squashDiffs } from "./diff";

interface Step {
  readonly label: string;
  readonly diff: Diff;
  /** Steps with the same key that follow each other directly become one. */
  readonly mergeKey?: string;
  /** Names the state after this step, so that coming back to it can be recognised. */
  readonly stamp: number;
}

const DEPTH = 500;

export class History {
  private done: Step[] = [];
  private undone: Step[] = [];
  private stamps = 0;
  private base = 0;
  private mergeable = false;

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

  record(label: string, diff: Diff, mergeKey?: string): void {
    if (isEmptyDiff(diff)) return;
    this.undone = [];
    const last = this.done.at(-1);
    const merges = this.mergeable && mergeKey !== undefined && last?.mergeKey === mergeKey;
    const total = merges ? squashDiffs(last.diff, diff) : diff;
    if (merges) this.done.pop();
    if (!isEmptyDiff(total)) {
      this.stamps += 1;
      this.done.push({ label, diff: total, stamp: this.stamps, ...(mergeKey !== undefined && { mergeKey }) });
    }
    this.mergeable = !merges || !isEmptyDiff(total);
    if (this.done.length > DEPTH) this.base = this.done.shift()?.stamp ?? this.base;
  }

  /** Ends a stretch of merging: the next change starts a step of its own. */
  settle(): void {
    this.mergeable = false;
  }

  /** The diff to apply, or `null` when there is nothing to undo. */
  undo(): Diff | null {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(step);
    this.mergeable = false;
    return reverseDiff(step.diff);
  }

  redo(): Diff | null {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push(step);
    this.mergeable = false;
    return step.diff;
  }

  clear(): void {
    this.stamps += 1;
    this.base = this.stamps;
    this.done = [];
    this.undone = [];
    this.mergeable = false;
  }
}
