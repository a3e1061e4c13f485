/** Changes a graph under its integrity rules and keeps the diff. All edits go through here (SPEC.md, I1-I9). */
import {
  edgeKey,
  type GraphEdge,
  type GraphFrame,
  type GraphNode,
  LIMITS,
  type Params,
} from "@distillery/shared/graph/document";
import { isBorder, type Sheet, subgraphIdOf } from "@distillery/shared/graph/subgraph";
import { say } from "../language";
import { forgetParams, withPort } from "./border";
import { explainConnection } from "./connection";
import {
  type Change,
  type Diff,
  emptyDiff,
  emptyTable,
  type GraphMeta,
  isSame,
  noteChanges,
  type TableDiff,
  tableFrom,
} from "./diff";
import { TOP } from "./documentDiff";
import type { DocumentTransaction } from "./documentTransaction";
import { EditRefused } from "./editRefused";
import type { GraphRecords, GraphView } from "./records";
import { isHeldBy, type Library } from "./sheetLibrary";

export { EditRefused } from "./editRefused";

const { refused } = say.document;

type Point = GraphNode["position"];
type NodeLook = Pick<GraphNode, "title" | "mode" | "collapsed" | "color" | "pinned">;
/** `undefined` takes a look away. */
export type NodePatch = Partial<Pick<GraphNode, "params" | "position">> & {
  [K in keyof NodeLook]?: NodeLook[K] | undefined;
};
export type FramePatch = Partial<Omit<GraphFrame, "id">>;

/** An edit of one sheet. */
export class Transaction {
  private readonly records: GraphRecords;
  private readonly nodes = new Map<string, Change<GraphNode>>();
  private readonly edges = new Map<string, Change<GraphEdge>>();
  private readonly frames = new Map<string, Change<GraphFrame>>();
  private metaBefore: GraphMeta | undefined;

  constructor(
    readonly document: DocumentTransaction,
    readonly sheet: string,
    private readonly libraryNow: () => Library,
  ) {
    this.records = document.records.sheet(sheet);
  }

  get library(): Library {
    return this.libraryNow();
  }
  /** The sheet as it is now, records in their order. */
  sheetNow(): Sheet {
    return this.records.toSheet();
  }

  get graph(): GraphView {
    return this.records;
  }
  get diff(): Diff {
    const meta = this.metaBefore;
    return {
      nodes: tableFrom(this.nodes),
      edges: tableFrom(this.edges),
      frames: tableFrom(this.frames),
      ...(meta && !isSame(meta, this.records.meta) && { meta: [meta, this.records.meta] as const }),
    };
  }

  addNode(node: GraphNode): void {
    if (this.records.nodes.has(node.id)) throw new EditRefused(refused.nodeExists(node.id));
    if (this.records.nodes.size >= LIMITS.nodes) throw new EditRefused(refused.tooManyNodes(LIMITS.nodes));
    const subgraph = subgraphIdOf(node);
    if (subgraph !== undefined && this.sheet !== TOP && isHeldBy(this.document.records, this.sheet, subgraph))
      throw new EditRefused(refused.holdsItself);
    this.push({ ...emptyDiff(), nodes: { ...emptyTable(), added: new Map([[node.id, node]]) } });
  }

  removeNode(id: string): void {
    const node = this.records.nodes.get(id);
    if (!node || isBorder(node)) return;
    if (this.sheet !== TOP) forgetParams(this, id);
    for (const key of [...this.records.edgesOf(id)]) this.disconnect(key);
    this.push({ ...emptyDiff(), nodes: { ...emptyTable(), removed: new Map([[id, node]]) } });
  }

  updateNode(id: string, patch: NodePatch): void {
    const before = this.records.nodes.get(id);
    if (!before) throw new EditRefused(refused.noNode(id));
    const { title, mode, collapsed, color, pinned, ...rest } = { ...before, ...patch };
    const after: GraphNode = {
      ...rest,
      ...(title && { title }),
      ...(mode && { mode }),
      ...(collapsed && { collapsed }),
      ...(color && { color }),
      ...(pinned && { pinned }),
    };
    if (isSame(before, after)) return;
    this.push({ ...emptyDiff(), nodes: { ...emptyTable(), updated: new Map([[id, [before, after]]]) } });
  }

  setParam(id: string, name: string, value: Params[string] | undefined): void {
    const node = this.records.nodes.get(id);
    if (!node) throw new EditRefused(refused.noNode(id));
    const { [name]: _, ...others } = node.params;
    this.updateNode(id, { params: value === undefined ? others : { ...node.params, [name]: value } });
  }

  /** Adds a link; an input that holds one link gives up its present one. Refuses with the reason. */
  connect(drawn: GraphEdge): void {
    const refusal = explainConnection(this.records, this.library, drawn.from, drawn.to);
    if (refusal !== null) throw new EditRefused(refusal);
    const edge = withPort(this, drawn);
    if (this.records.edges.size >= LIMITS.edges) throw new EditRefused(refused.tooManyWires(LIMITS.edges));
    const type = this.records.nodes.get(edge.to.node)?.type ?? "";
    if (this.library.get(type)?.inputs[edge.to.socket]?.cardinality !== "many")
      for (const key of [...this.records.edgesOf(edge.to.node)]) {
        const old = this.records.edges.get(key);
        if (old?.to.node === edge.to.node && old.to.socket === edge.to.socket) this.disconnect(key);
      }
    this.push({ ...emptyDiff(), edges: { ...emptyTable(), added: new Map([[edgeKey(edge), edge]]) } });
  }

  disconnect(key: string): void {
    const edge = this.records.edges.get(key);
    if (edge) this.push({ ...emptyDiff(), edges: { ...emptyTable(), removed: new Map([[key, edge]]) } });
  }

  /** Leads a link through these points. */
  routeWire(key: string, via: readonly Point[]): void {
    const before = this.records.edges.get(key);
    if (!before) return;
    const { via: _, ...straight } = before;
    const after: GraphEdge = via.length === 0 ? straight : { ...straight, via: [...via] };
    if (!isSame(before, after))
      this.push({ ...emptyDiff(), edges: { ...emptyTable(), updated: new Map([[key, [before, after]]]) } });
  }

  addFrame(frame: GraphFrame): void {
    if (this.records.frames.has(frame.id)) throw new EditRefused(refused.frameExists(frame.id));
    this.push({ ...emptyDiff(), frames: { ...emptyTable(), added: new Map([[frame.id, frame]]) } });
  }

  updateFrame(id: string, patch: FramePatch): void {
    const before = this.records.frames.get(id);
    if (!before) throw new EditRefused(refused.noFrame(id));
    const after: GraphFrame = { ...before, ...patch };
    if (isSame(before, after)) return;
    this.push({ ...emptyDiff(), frames: { ...emptyTable(), updated: new Map([[id, [before, after]]]) } });
  }

  removeFrame(id: string): void {
    const frame = this.records.frames.get(id);
    if (frame) this.push({ ...emptyDiff(), frames: { ...emptyTable(), removed: new Map([[id, frame]]) } });
  }

  updateMeta(patch: Partial<GraphMeta>): void {
    if (this.sheet !== TOP) {
      this.document.on(TOP).updateMeta(patch);
      return;
    }
    const before = this.records.meta;
    const after = { ...before, ...patch };
    if (!isSame(before, after)) this.push({ ...emptyDiff(), meta: [before, after] });
  }

  /** Puts all of a sheet in the place of what is there; its order becomes the order of what is new. */
  replaceSheet({ nodes, edges, frames }: Sheet): void {
    const keyed = <T extends { readonly id: string }>(list: readonly T[]) =>
      new Map(list.map((each) => [each.id, each]));
    const next = {
      nodes: keyed(nodes),
      edges: new Map(edges.map((edge) => [edgeKey(edge), edge])),
      frames: keyed(frames),
    };
    for (const table of Object.values(next)) this.records.follow(table.keys());
    this.push({
      nodes: tableBetween(this.records.nodes, next.nodes),
      edges: tableBetween(this.records.edges, next.edges),
      frames: tableBetween(this.records.frames, next.frames),
    });
  }

  /** Applies one small diff and notes what it changed. */
  private push(diff: Diff): void {
    noteChanges(this.nodes, diff.nodes);
    noteChanges(this.edges, diff.edges);
    noteChanges(this.frames, diff.frames);
    if (diff.meta) this.metaBefore ??= diff.meta[0];
    this.document.apply(this.sheet, diff);
  }
}

const tableBetween = <T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): TableDiff<T> =>
  tableFrom(
    new Map([...before.keys(), ...after.keys()].map((id) => [id, [before.get(id), after.get(id)] as Change<T>])),
  );
