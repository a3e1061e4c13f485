/** What one edit changed in the whole document: sheet by sheet, and in the heads of its subgraphs. */
import type { Subgraph } from "@distillery/shared/graph/document";
import {
  type Diff,
  emptyDiff,
  isEmptyDiff,
  isEmptyTable,
  reverseDiff,
  reverseTable,
  squashDiffs,
  squashTable,
  type TableDiff,
} from "./diff";

/** Everything of a subgraph but its inside: name, border, what it shows, where it comes from. */
export type SubgraphHead = Omit<Subgraph, "nodes" | "edges" | "frames">;

/** Name of the document's own sheet; a subgraph's sheet has the subgraph's id. */
export const TOP = "";

export interface DocumentDiff {
  /** The instances that were open one in another when it happened: where undoing leads back to. */
  readonly at: readonly string[];
  readonly sheets: ReadonlyMap<string, Diff>;
  readonly heads: TableDiff<SubgraphHead>;
}

export const isEmptyChange = ({ sheets, heads }: DocumentDiff): boolean =>
  [...sheets.values()].every(isEmptyDiff) && isEmptyTable(heads);

export const reverseChange = ({ at, sheets, heads }: DocumentDiff): DocumentDiff => ({
  at,
  sheets: new Map([...sheets].map(([sheet, diff]) => [sheet, reverseDiff(diff)])),
  heads: reverseTable(heads),
});

/** `first` then `second` as one; it happened where the first did. */
export const squashChanges = (first: DocumentDiff, second: DocumentDiff): DocumentDiff => ({
  at: first.at,
  sheets: new Map(
    [...new Set([...first.sheets.keys(), ...second.sheets.keys()])].map((sheet) => [
      sheet,
      squashDiffs(first.sheets.get(sheet) ?? emptyDiff(), second.sheets.get(sheet) ?? emptyDiff()),
    ]),
  ),
  heads: squashTable(first.heads, second.heads),
});

/** Whether it changes what is computed or wired, not only where things are and how they look. */
export function isStructural({ sheets, heads }: DocumentDiff): boolean {
  if (!isEmptyTable(heads)) return true;
  return [...sheets.values()].some(({ nodes, edges }) => {
    if (nodes.added.size + nodes.removed.size + edges.added.size + edges.removed.size > 0) return true;
    return [...nodes.updated.values()].some(
      ([before, after]) => before.params !== after.params || before.mode !== after.mode || before.type !== after.type,
    );
  });
}
