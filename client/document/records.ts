/** The records of one sheet, with the look-ups that the rules need. Changed only by applying a diff. */
import { edgeKey, type GraphEdge, type GraphFrame, type GraphNode } from "@distillery/shared/graph/document";
import type { Sheet } from "@distillery/shared/graph/subgraph";
import type { Diff, GraphMeta, TableDiff } from "./diff";

/** Read access to a graph: what the rules, the layout and the canvas work on. */
export interface GraphView {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: ReadonlyMap<string, GraphEdge>;
  readonly frames: ReadonlyMap<string, GraphFrame>;
  readonly meta: GraphMeta;
  /** Keys of the links that touch a node. */
  edgesOf(node: string): ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

export class GraphRecords implements GraphView {
  readonly nodes = new Map<string, GraphNode>();
  readonly edges = new Map<string, GraphEdge>();
  readonly frames = new Map<string, GraphFrame>();
  meta: GraphMeta = { name: "Untitled", description: "", seed: 0 };
  private readonly touching = new Map<string, Set<string>>();
  /** First-seen order of every id, so that undoing a deletion puts a record back in its old place. */
  private readonly ranks = new Map<string, number>();

  static from(sheet: Sheet & Partial<GraphMeta>): GraphRecords {
    const records = new GraphRecords();
    const { name, description, seed, foreign } = { ...records.meta, ...sheet };
    records.meta = { name, description, seed, ...(foreign && { foreign }) };
    for (const node of sheet.nodes) records.put(records.nodes, node.id, node);
    for (const frame of sheet.frames) records.put(records.frames, frame.id, frame);
    for (const edge of sheet.edges) records.putEdge(edgeKey(edge), edge);
    return records;
  }

  edgesOf(node: string): ReadonlySet<string> {
    return this.touching.get(node) ?? NONE;
  }

  apply(diff: Diff): void {
    for (const [key, edge] of diff.edges.removed) this.dropEdge(key, edge);
    this.applyTable(this.nodes, diff.nodes);
    this.applyTable(this.frames, diff.frames);
    for (const [key, edge] of diff.edges.added) this.putEdge(key, edge);
    for (const [key, [, edge]] of diff.edges.updated) this.putEdge(key, edge);
    if (diff.meta) this.meta = diff.meta[1];
  }

  /** As plain lists, records in the order in which they first appeared. */
  toSheet(): { nodes: GraphNode[]; edges: GraphEdge[]; frames: GraphFrame[] } {
    return { nodes: this.ordered(this.nodes), edges: this.ordered(this.edges), frames: this.ordered(this.frames) };
  }
  /** New ones among these will come right after those before them. */
  follow(ids: Iterable<string>): void {
    let last = -1;
    for (const id of ids) {
      last = this.ranks.get(id) ?? last;
      this.ranks.set(id, last);
    }
  }

  private ordered<T>(table: ReadonlyMap<string, T>): T[] {
    const rank = (id: string) => this.ranks.get(id) ?? 0;
    return [...table].sort(([a], [b]) => rank(a) - rank(b)).map(([, record]) => record);
  }

  private applyTable<T>(table: Map<string, T>, diff: TableDiff<T>): void {
    for (const id of diff.removed.keys()) table.delete(id);
    for (const [id, record] of diff.added) this.put(table, id, record);
    for (const [id, [, record]] of diff.updated) this.put(table, id, record);
  }

  private put<T>(table: Map<string, T>, id: string, record: T): void {
    if (!this.ranks.has(id)) this.ranks.set(id, this.ranks.size);
    table.set(id, record);
  }

  private putEdge(key: string, edge: GraphEdge): void {
    this.put(this.edges, key, edge);
    for (const node of [edge.from.node, edge.to.node]) {
      const keys = this.touching.get(node);
      if (keys) keys.add(key);
      else this.touching.set(node, new Set([key]));
    }
  }

  private dropEdge(key: string, edge: GraphEdge): void {
    this.edges.delete(key);
    for (const node of [edge.from.node, edge.to.node]) this.touching.get(node)?.delete(key);
  }
}
