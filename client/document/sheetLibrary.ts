/** The node types there are on a sheet: the library's, the document's subgraphs, and the sheet's own border. */
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { instanceType } from "@distillery/shared/graph/subgraph";
import { withBorder, withSubgraphs } from "@distillery/shared/graph/subgraphDefinition";
import { TOP } from "./documentDiff";
import type { DocumentRecords } from "./documentRecords";

export type Library = Pick<NodeLibrary, "get" | "all">;

export class SheetLibraries {
  private known: { records: DocumentRecords; structure: number; bySheet: Map<string, Library> } | null = null;

  constructor(
    private readonly base: Library,
    private readonly records: () => DocumentRecords,
  ) {}

  /** Types made of subgraphs are kept until something of what is computed or wired changes. */
  of(sheet: string): Library {
    const records = this.records();
    if (records.heads.size === 0) return this.base;
    if (this.known?.records !== records || this.known.structure !== records.structure)
      this.known = { records, structure: records.structure, bySheet: new Map() };
    const { bySheet } = this.known;
    const made = bySheet.get(sheet) ?? this.make(sheet, records, bySheet.get(TOP));
    bySheet.set(sheet, made);
    return made;
  }

  private make(sheet: string, records: DocumentRecords, top: Library | undefined): Library {
    const subgraphs = top ?? withSubgraphs(this.base, (id) => records.subgraph(id));
    const head = records.heads.get(sheet);
    const { get } = head ? withBorder(subgraphs, head) : subgraphs;
    return {
      get,
      all: () => [
        ...this.base.all(),
        ...[...records.heads.keys()].flatMap((id) =>
          isHeldBy(records, sheet, id) ? [] : (get(instanceType(id)) ?? []),
        ),
      ],
    };
  }
}

/** Whether an instance of `subgraph` on this sheet would hold itself. */
export const isHeldBy = (records: DocumentRecords, sheet: string, subgraph: string): boolean =>
  sheet === subgraph || records.usedIds(records.sheet(subgraph).nodes.values()).has(sheet);
