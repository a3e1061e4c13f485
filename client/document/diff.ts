/** The one change format: undo, autosave, the canvas and the tests all speak it. */
import type { Foreign, GraphEdge, GraphFrame, GraphNode } from "@distillery/shared/graph/document";

export interface GraphMeta {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  /** Fields of the document that are not known here. */
  readonly foreign?: Foreign[];
}

export interface TableDiff<T> {
  readonly added: ReadonlyMap<string, T>;
  /** id -> [before, after] */
  readonly updated: ReadonlyMap<string, readonly [T, T]>;
  readonly removed: ReadonlyMap<string, T>;
}

export interface Diff {
  readonly nodes: TableDiff<GraphNode>;
  /** Keyed by `edgeKey`. */
  readonly edges: TableDiff<GraphEdge>;
  readonly frames: TableDiff<GraphFrame>;
  readonly meta?: readonly [GraphMeta, GraphMeta];
}

export const emptyTable = <T>(): TableDiff<T> => ({ added: new Map(), updated: new Map(), removed: new Map() });
export const emptyDiff = (): Diff => ({ nodes: emptyTable(), edges: emptyTable(), frames: emptyTable() });

export const isEmptyTable = (table: TableDiff<unknown>): boolean =>
  table.added.size + table.updated.size + table.removed.size === 0;

export const isEmptyDiff = (diff: Diff): boolean =>
  isEmptyTable(diff.nodes) && isEmptyTable(diff.edges) && isEmptyTable(diff.frames) && diff.meta === undefined;

export const reverseTable = <T>(table: TableDiff<T>): TableDiff<T> => ({
  added: table.removed,
  updated: new Map([...table.updated].map(([id, [before, after]]) => [id, [after, before] as const])),
  removed: table.added,
});

/** The diff that takes back `diff`. */
export const reverseDiff = (diff: Diff): Diff => ({
  nodes: reverseTable(diff.nodes),
  edges: reverseTable(diff.edges),
  frames: reverseTable(diff.frames),
  ...(diff.meta && { meta: [diff.meta[1], diff.meta[0]] as const }),
});

/** Before and after of one record over a stretch of changes; `undefined` where it did not exist. */
export type Change<T> = readonly [T | undefined, T | undefined];

export const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Adds a diff to what is known to have changed, record by record. */
export function noteChanges<T>(byId: Map<string, Change<T>>, table: TableDiff<T>): void {
  const note = (id: string, before: T | undefined, after: T | undefined) => {
    const earlier = byId.get(id);
    byId.set(id, [earlier ? earlier[0] : before, after]);
  };
  for (const [id, before] of table.removed) note(id, before, undefined);
  for (const [id, after] of table.added) note(id, undefined, after);
  for (const [id, [before, after]] of table.updated) note(id, before, after);
}

/** The net effect; records that ended as they began do not appear. */
export function tableFrom<T>(byId: ReadonlyMap<string, Change<T>>): TableDiff<T> {
  const added = new Map<string, T>();
  const updated = new Map<string, readonly [T, T]>();
  const removed = new Map<string, T>();
  for (const [id, [before, after]] of byId) {
    if (before === undefined && after !== undefined) added.set(id, after);
    else if (before !== undefined && after === undefined) removed.set(id, before);
    else if (before !== undefined && after !== undefined && !isSame(before, after)) updated.set(id, [before, after]);
  }
  return { added, updated, removed };
}

export function squashTable<T>(first: TableDiff<T>, second: TableDiff<T>): TableDiff<T> {
  const byId = new Map<string, Change<T>>();
  noteChanges(byId, first);
  noteChanges(byId, second);
  return tableFrom(byId);
}

/** `first` then `second` as one diff; what cancels out disappears. */
export function squashDiffs(first: Diff, second: Diff): Diff {
  const from = first.meta?.[0] ?? second.meta?.[0];
  const to = second.meta?.[1] ?? first.meta?.[1];
  const metaChanged = from !== undefined && to !== undefined && !isSame(from, to);
  return {
    nodes: squashTable(first.nodes, second.nodes),
    edges: squashTable(first.edges, second.edges),
    frames: squashTable(first.frames, second.frames),
    ...(metaChanged && { meta: [from, to] as const }),
  };
}
