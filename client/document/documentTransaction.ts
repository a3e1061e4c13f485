/** An edit that may reach several sheets: subgraphs come and go, their borders change, and so do all their instances. */
import type { Subgraph } from "@distillery/shared/graph/document";
import { type Change, type Diff, emptyTable, isSame, noteChanges, tableFrom } from "./diff";
import { type DocumentDiff, isEmptyChange, reverseChange, type SubgraphHead } from "./documentDiff";
import type { DocumentRecords } from "./documentRecords";
import type { Library } from "./sheetLibrary";
import { Transaction } from "./transaction";

export class DocumentTransaction {
  private readonly sheets = new Map<string, Transaction>();
  private readonly heads = new Map<string, Change<SubgraphHead>>();

  constructor(
    readonly records: DocumentRecords,
    private readonly at: readonly string[],
    private readonly libraryOf: (sheet: string) => Library,
  ) {}

  get diff(): DocumentDiff {
    return {
      at: this.at,
      sheets: new Map([...this.sheets].map(([sheet, transaction]) => [sheet, transaction.diff])),
      heads: tableFrom(this.heads),
    };
  }

  /** The same edit on another sheet. */
  on(sheet: string): Transaction {
    const known = this.sheets.get(sheet) ?? new Transaction(this, sheet, () => this.libraryOf(sheet));
    this.sheets.set(sheet, known);
    return known;
  }

  /** Makes a subgraph, or makes it anew with another inside. */
  putSubgraph(subgraph: Subgraph): void {
    const { nodes, edges, frames, ...head } = subgraph;
    this.setHead(head);
    this.on(head.id).replaceSheet({ nodes, edges, frames });
  }

  setHead(head: SubgraphHead): void {
    const before = this.records.heads.get(head.id);
    if (isSame(before, head)) return;
    const heads = tableFrom(new Map([[head.id, [before, head] as const]]));
    noteChanges(this.heads, heads);
    this.records.apply({ at: this.at, sheets: new Map(), heads });
  }

  apply(sheet: string, diff: Diff): void {
    this.records.apply({ at: this.at, sheets: new Map([[sheet, diff]]), heads: emptyTable() });
  }

  /** Takes back everything done so far. */
  rollBack(): void {
    const { diff } = this;
    if (!isEmptyChange(diff)) this.records.apply(reverseChange(diff));
  }
}
