/** The records of a whole document: its own sheet, and the sheet and head of every subgraph. Changed only by a diff. */
import {
  DOCUMENT_FORMAT,
  DOCUMENT_VERSION,
  type GraphDocument,
  type GraphNode,
  type Subgraph,
} from "@distillery/shared/graph/document";
import { subgraphIdOf, usedSubgraphs } from "@distillery/shared/graph/subgraph";
import { type DocumentDiff, isStructural, type SubgraphHead, TOP } from "./documentDiff";
import { GraphRecords } from "./records";

export class DocumentRecords {
  readonly heads = new Map<string, SubgraphHead>();
  /** Counts the changes of what is computed or wired. */
  structure = 0;
  private readonly sheets = new Map<string, GraphRecords>();

  constructor(document: GraphDocument) {
    this.sheets.set(TOP, GraphRecords.from(document));
    for (const subgraph of document.subgraphs ?? []) {
      const { nodes: _, edges: __, frames: ___, ...head } = subgraph;
      this.heads.set(head.id, head);
      this.sheets.set(head.id, GraphRecords.from(subgraph));
    }
  }

  /** The records of a sheet; empty ones where a subgraph is only about to be made. */
  sheet(id: string): GraphRecords {
    const known = this.sheets.get(id) ?? new GraphRecords();
    this.sheets.set(id, known);
    return known;
  }
  /** Sheets of the document itself and of its subgraphs. */
  *all(): Generator<readonly [sheet: string, records: GraphRecords]> {
    yield [TOP, this.sheet(TOP)];
    for (const id of this.heads.keys()) yield [id, this.sheet(id)];
  }

  /** The sheet that opening these instances one in another leads to; undefined where one of them is not there. */
  sheetAt(path: readonly string[]): string | undefined {
    let sheet = TOP;
    for (const id of path) {
      const node = this.sheet(sheet).nodes.get(id);
      const subgraph = node && subgraphIdOf(node);
      if (subgraph === undefined || !this.heads.has(subgraph)) return undefined;
      sheet = subgraph;
    }
    return sheet;
  }

  subgraph(id: string): Subgraph | undefined {
    const head = this.heads.get(id);
    return head && { ...head, ...this.sheet(id).toSheet() };
  }
  /** Subgraphs that these nodes stand for, with what those hold in turn. */
  used(nodes: Iterable<GraphNode>): Map<string, Subgraph> {
    return usedSubgraphs(nodes, (id) => this.subgraph(id));
  }
  /** The same without putting what is inside in order. */
  usedIds(nodes: Iterable<GraphNode>): ReadonlySet<string> {
    const find = (id: string) => (this.heads.has(id) ? { nodes: this.sheet(id).nodes.values() } : undefined);
    return new Set(usedSubgraphs(nodes, find).keys());
  }
  /** Whether a node anywhere has this id: instances may keep the ids of what is inside, so all must differ. */
  hasNode(id: string): boolean {
    const top = this.sheet(TOP).nodes;
    if (top.has(id)) return true;
    const holders = [...this.heads.keys()].filter((subgraph) => this.sheet(subgraph).nodes.has(id));
    if (holders.length === 0) return false;
    const used = this.usedIds(top.values());
    return holders.some((subgraph) => used.has(subgraph));
  }

  apply(diff: DocumentDiff): void {
    const { heads } = diff;
    for (const id of heads.removed.keys()) this.heads.delete(id);
    for (const [id, head] of heads.added) this.heads.set(id, head);
    for (const [id, [, head]] of heads.updated) this.heads.set(id, head);
    for (const [sheet, each] of diff.sheets) this.sheet(sheet).apply(each);
    if (isStructural(diff)) this.structure += 1;
  }

  /** As plain JSON; subgraphs that nothing stands for any more are left out. */
  toDocument(viewport: GraphDocument["viewport"]): GraphDocument {
    const top = this.sheet(TOP);
    const sheet = top.toSheet();
    const used = this.used(sheet.nodes);
    const subgraphs = [...this.heads.keys()].flatMap((id) => used.get(id) ?? []);
    return {
      format: DOCUMENT_FORMAT,
      version: DOCUMENT_VERSION,
      ...top.meta,
      ...sheet,
      ...(subgraphs.length > 0 && { subgraphs }),
      viewport,
    };
  }
}
