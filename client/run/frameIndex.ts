/** Which pictures a run has made: by place (node, socket, row, column) and training step. Holds no pixels. */
import type { StoredFrame } from "./runLog";

export interface Place {
  node: string;
  socket: string;
  row: number;
  column: number;
}
const placeKey = ({ node, socket, row, column }: Place): string => `${node}|${socket}|${row}|${column}`;
const placeOf = (frame: StoredFrame): Place => ({
  node: frame.node,
  socket: frame.socket,
  row: frame.row,
  column: frame.column ?? 0,
});

export class FrameIndex {
  private readonly byPlace = new Map<string, StoredFrame[]>();
  private readonly stepsOfNode = new Map<string, number[]>();
  private readonly newestOfNode = new Map<string, StoredFrame>();

  /** Frames come in the order of their `seq`; one known already is ignored. */
  add(frame: StoredFrame): void {
    const key = placeKey(placeOf(frame));
    const list = this.byPlace.get(key) ?? [];
    const last = list.at(-1);
    if (last && last.seq >= frame.seq) return;
    // A continued run repeats steps; the later picture of a step is the true one.
    while (list.length > 0 && list[list.length - 1]!.step >= frame.step) list.pop();
    list.push(frame);
    this.byPlace.set(key, list);
    const newest = this.newestOfNode.get(frame.node);
    // A tapped node keeps its size on the canvas: taps have their own panel.
    if (!frame.tap && (!newest || preferAsThumbnail(frame, newest))) this.newestOfNode.set(frame.node, frame);
    const steps = this.stepsOfNode.get(frame.node) ?? [];
    if (frame.tap || steps.at(-1) === frame.step) return;
    while (steps.length > 0 && steps[steps.length - 1]! >= frame.step) steps.pop();
    steps.push(frame.step);
    this.stepsOfNode.set(frame.node, steps);
  }

  /** Forgets the pictures of steps that are not kept any more; returns their numbers. */
  drop(steps: readonly number[], tap: boolean): number[] {
    const gone = new Set(steps);
    const seqs: number[] = [];
    for (const [key, list] of this.byPlace) {
      const kept = list.filter((frame) => {
        const isGone = (frame.tap === true) === tap && gone.has(frame.step);
        if (isGone) seqs.push(frame.seq);
        return !isGone;
      });
      if (kept.length < list.length) this.byPlace.set(key, kept);
    }
    if (!tap)
      for (const [node, own] of this.stepsOfNode)
        this.stepsOfNode.set(
          node,
          own.filter((step) => !gone.has(step)),
        );
    return seqs;
  }

  /** The newest frame of a place not later than `step`. */
  at(place: Place, step = Number.POSITIVE_INFINITY): StoredFrame | undefined {
    const list = this.byPlace.get(placeKey(place));
    if (!list) return undefined;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.step <= step) low = middle + 1;
      else high = middle;
    }
    return list[low - 1];
  }

  /** Training steps of a place's pictures, ascending. */
  stepsAt(place: Place): readonly number[] {
    return this.byPlace.get(placeKey(place))?.map(({ step }) => step) ?? [];
  }
  /** Training steps at which a node showed pictures, ascending. */
  steps(node: string): readonly number[] {
    return this.stepsOfNode.get(node) ?? [];
  }
  /** How many rows (samples) and columns (times) a socket of a node has shown. */
  extent(node: string, socket: string): { rows: number; columns: number } {
    let rows = 0;
    let columns = 0;
    for (const list of this.byPlace.values()) {
      const [frame] = list;
      if (frame?.node !== node || frame.socket !== socket) continue;
      rows = Math.max(rows, frame.row + 1);
      columns = Math.max(columns, (frame.column ?? 0) + 1);
    }
    return { rows, columns };
  }
  newest(node: string): StoredFrame | undefined {
    return this.newestOfNode.get(node);
  }
}

/** A node's thumbnail is its first sample at the end of the path, the student's before the teacher's. */
function preferAsThumbnail(candidate: StoredFrame, current: StoredFrame): boolean {
  const rank = (frame: StoredFrame): number =>
    (frame.socket.startsWith("difference") ? 0 : frame.socket.startsWith("teacher") ? 1000 : 2000) +
    (frame.row === 0 ? 500 : 0) +
    Math.min(frame.column ?? 0, 499);
  return rank(candidate) >= rank(current);
}
