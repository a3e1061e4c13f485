/** Geometry of the whole graph, kept up to date from diffs: what is where, and what is under the pointer. */
import type { Endpoint } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { WireType } from "@distillery/shared/graph/wires";
import type { Diff } from "../document/diff";
import type { GraphView } from "../document/records";
import { type CardGeometry, cardGeometry, type SocketPlace } from "./nodeGeometry";
import { boundsOf, contains, type Rect, SpatialIndex } from "./spatialIndex";
import { type Curve, curveBounds, nearestCurve, type Point, wireCurves } from "./wirePath";

export interface SocketHit extends Endpoint {
  readonly place: SocketPlace;
  readonly at: Point;
}
export interface Wire {
  /** From its output to its input, one stretch after the other. */
  readonly curves: readonly Curve[];
  readonly type: WireType | null;
  readonly delayed: boolean;
}

/** A point that a wire is led through. */
export interface WirePoint {
  readonly wire: string;
  readonly index: number;
}

const SOCKET_REACH = 13;

export class Scene {
  readonly cards = new Map<string, CardGeometry>();
  readonly nodes = new SpatialIndex();
  readonly wires = new SpatialIndex();
  private readonly curves = new Map<string, Wire>();

  constructor(
    private readonly graph: () => GraphView,
    private readonly library: Pick<NodeLibrary, "get">,
    private readonly hasThumbnail: (node: string) => boolean,
  ) {}

  /** Everything anew, after loading a graph. */
  rebuild(): void {
    this.cards.clear();
    this.nodes.clear();
    this.wires.clear();
    this.curves.clear();
    for (const id of this.graph().nodes.keys()) this.placeNode(id);
    for (const key of this.graph().edges.keys()) this.placeWire(key);
  }

  update(diff: Diff): void {
    for (const key of diff.edges.removed.keys()) this.dropWire(key);
    for (const id of diff.nodes.removed.keys()) {
      this.cards.delete(id);
      this.nodes.delete(id);
    }
    const moved = new Set([...diff.nodes.added.keys(), ...diff.nodes.updated.keys()]);
    for (const edge of [...diff.edges.added.values(), ...diff.edges.removed.values()])
      for (const end of [edge.from.node, edge.to.node])
        if (!this.library.get(this.graph().nodes.get(end)?.type ?? "")) moved.add(end);
    const stale = new Set([...diff.edges.added.keys(), ...diff.edges.updated.keys()]);
    for (const id of moved) {
      this.placeNode(id);
      for (const key of this.graph().edgesOf(id)) stale.add(key);
    }
    for (const key of stale) this.placeWire(key);
  }

  /** After a thumbnail came or went. */
  resize(node: string): void {
    this.placeNode(node);
  }

  card(id: string): CardGeometry | undefined {
    return this.cards.get(id);
  }
  wire(key: string): Wire | undefined {
    return this.curves.get(key);
  }
  rect(id: string): Rect | undefined {
    return this.nodes.get(id);
  }

  bounds(ids?: Iterable<string>): Rect | null {
    const rects = ids
      ? [...ids].flatMap((id) => this.nodes.get(id) ?? [])
      : [...this.nodes.entries()].map(([, r]) => r);
    const frames = ids ? [] : [...this.graph().frames.values()].map((f) => ({ ...f.position, ...f.size }));
    return boundsOf([...rects, ...frames]);
  }

  /** Position of a socket on the canvas. */
  socketAt(node: string, name: string, side: "input" | "output"): Point | null {
    const rect = this.nodes.get(node);
    const card = this.cards.get(node);
    const place = (side === "input" ? card?.inputs : card?.outputs)?.find((socket) => socket.name === name);
    return rect && place ? { x: rect.x + place.x, y: rect.y + place.y } : null;
  }

  /** The nearest socket within reach of a point, of cards that show theirs; `accept` narrows the choice. */
  socketNear(point: Point, reach = SOCKET_REACH, accept?: (hit: SocketHit) => boolean): SocketHit | null {
    const area = { x: point.x - reach, y: point.y - reach, width: 2 * reach, height: 2 * reach };
    let best: SocketHit | null = null;
    let bestDistance = reach;
    for (const id of this.nodes.query(area)) {
      if (this.cards.get(id)?.collapsed) continue;
      for (const hit of this.socketsOf(id)) {
        const distance = Math.hypot(hit.at.x - point.x, hit.at.y - point.y);
        if (distance <= bestDistance && (accept?.(hit) ?? true)) {
          best = hit;
          bestDistance = distance;
        }
      }
    }
    return best;
  }

  *socketsOf(id: string): Generator<SocketHit> {
    const rect = this.nodes.get(id);
    const card = this.cards.get(id);
    if (!rect || !card) return;
    for (const place of [...card.inputs, ...card.outputs])
      yield { node: id, socket: place.name, place, at: { x: rect.x + place.x, y: rect.y + place.y } };
  }

  /** The wire under a point; `tolerance` in graph units, `accept` narrows the choice. */
  wireNear(point: Point, tolerance: number, accept?: (wire: string) => boolean): string | null {
    const area = { x: point.x - tolerance, y: point.y - tolerance, width: 2 * tolerance, height: 2 * tolerance };
    let best: string | null = null;
    let bestDistance = tolerance;
    for (const key of this.wires.query(area)) {
      const wire = this.curves.get(key);
      const distance = wire ? nearestCurve(wire.curves, point).distance : Number.POSITIVE_INFINITY;
      if (distance <= bestDistance && (accept?.(key) ?? true)) {
        best = key;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** The point of a wire under the pointer. */
  wirePointNear(point: Point, tolerance: number): WirePoint | null {
    const area = { x: point.x - tolerance, y: point.y - tolerance, width: 2 * tolerance, height: 2 * tolerance };
    for (const wire of this.wires.query(area)) {
      const via = this.graph().edges.get(wire)?.via ?? [];
      const index = via.findIndex((p) => Math.hypot(p.x - point.x, p.y - point.y) <= tolerance);
      if (index >= 0) return { wire, index };
    }
    return null;
  }

  /** A node under a point; the one drawn last wins. */
  nodeAt(point: Point): string | null {
    const hits = this.nodes.query({ ...point, width: 0, height: 0 });
    return hits.filter((id) => contains(this.nodes.get(id)!, point.x, point.y)).at(-1) ?? null;
  }

  private placeNode(id: string): void {
    const node = this.graph().nodes.get(id);
    if (!node) return;
    const card = cardGeometry(node, this.library.get(node.type), this.graph(), this.hasThumbnail(id));
    this.cards.set(id, card);
    this.nodes.set(id, { ...node.position, width: card.width, height: card.height });
  }

  private placeWire(key: string): void {
    const edge = this.graph().edges.get(key);
    const from = edge && this.socketAt(edge.from.node, edge.from.socket, "output");
    const to = edge && this.socketAt(edge.to.node, edge.to.socket, "input");
    if (!from || !to) {
      this.dropWire(key);
      return;
    }
    const curves = wireCurves(from, to, edge.via);
    const output = this.cards.get(edge.from.node)?.outputs.find((socket) => socket.name === edge.from.socket);
    const input = this.cards.get(edge.to.node)?.inputs.find((socket) => socket.name === edge.to.socket);
    this.curves.set(key, { curves, type: output?.type ?? null, delayed: input?.delayed ?? false });
    this.wires.set(key, curveBounds(curves));
  }

  private dropWire(key: string): void {
    this.curves.delete(key);
    this.wires.delete(key);
  }
}
