/**
 * Bookkeeping of the trajectory bank of single trajectory distillation (methods 5): which slot holds a state at which solver
 * node. Every row of the batch has a bank of its own, as every process of the original has; no tensors here.
 */
import type { RandomStream } from "@distillery/shared/graph/node";

export interface SlotOptions {
  readonly rows: number;
  /** Per row. */
  readonly slots: number;
  /** Probability of continuing a stored path instead of starting a fresh one. */
  readonly rate: number;
  /** A path that reaches this node (or a lower one) leaves the bank: script index 1 is node 2. */
  readonly retireNode: number;
  /** Draw j among the first c places, c the number of filled slots, as the released code does: it may hit an empty one. */
  readonly contiguousDraw: boolean;
}

/** Marks an empty slot: no stored state is at node 0. */
const EMPTY = 0;
export const NONE = -1;

export class Slots {
  /** [rows * slots] solver node of the stored state, 0 where empty. */
  readonly nodes: Int32Array;
  /** [rows * slots] visits the stored path has had. */
  readonly ages: Int32Array;

  constructor(readonly options: SlotOptions) {
    this.nodes = new Int32Array(options.rows * options.slots);
    this.ages = new Int32Array(options.rows * options.slots);
  }

  /** The place (row * slots + slot) whose path row `row` continues, or NONE for a fresh start. */
  draw(row: number, random: RandomStream): number {
    const { rate, slots, contiguousDraw } = this.options;
    // Always two numbers, so that a hit or a miss does not shift what other rows draw.
    const useBank = random.uniform() < rate;
    const pick = random.uniform();
    const places = Array.from({ length: slots }, (_, slot) => row * slots + slot);
    const filled = places.filter((place) => this.nodes[place] !== EMPTY);
    if (!useBank || filled.length === 0) return NONE;
    const place = (contiguousDraw ? places : filled)[Math.floor(pick * filled.length)] as number;
    return this.nodes[place] === EMPTY ? NONE : place;
  }

  /**
   * Stores that row `row`, continued from place `from` (NONE: fresh), advanced to `node`. Returns the place to write the
   * state to, or NONE when the path retired or no slot was free.
   */
  store(row: number, from: number, node: number): number {
    const { slots, retireNode } = this.options;
    if (node <= retireNode) {
      if (from !== NONE) this.nodes[from] = EMPTY;
      return NONE;
    }
    const place = from !== NONE ? from : this.firstEmpty(row * slots);
    if (place === NONE) return NONE;
    this.ages[place] = from === NONE ? 1 : (this.ages[place] as number) + 1;
    this.nodes[place] = node;
    return place;
  }

  get filled(): number {
    return this.nodes.reduce((count, node) => count + (node === EMPTY ? 0 : 1), 0);
  }

  private firstEmpty(first: number): number {
    for (let place = first; place < first + this.options.slots; place++) if (this.nodes[place] === EMPTY) return place;
    return NONE;
  }
}
