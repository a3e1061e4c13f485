/**
 * Layered left-to-right layout: columns by longest path, rows by the median of neighbours, positions without overlap
 * (Sugiyama, Tagawa and Toda 1981, without dummy nodes). Links that close a loop are ignored.
 */
import type { GraphEdge } from "@distillery/shared/graph/document";
import type { GraphView } from "../document/records";

export interface Size {
  readonly width: number;
  readonly height: number;
}
type Point = { x: number; y: number };

const COLUMN_GAP = 56;
const ROW_GAP = 28;
const COMPONENT_GAP = 64;
const SWEEPS = 8;

interface Layers {
  readonly columns: string[][];
  readonly before: ReadonlyMap<string, readonly string[]>;
  readonly after: ReadonlyMap<string, readonly string[]>;
}

/**
 * New positions of all nodes (or of those in `only`); the top left corner of the whole stays where it is. Links that are not
 * `followed` only attract.
 */
export function autoLayout(
  whole: GraphView,
  sizeOf: (id: string) => Size,
  followed: (edge: GraphEdge) => boolean = () => true,
  only: ReadonlySet<string> | null = null,
): Map<string, Point> {
  const graph = only ? partOf(whole, only) : whole;
  const placed = new Map<string, Point>();
  let top = 0;
  for (const component of components(graph)) {
    const layers = assignColumns(graph, component, followed);
    reduceCrossings(layers);
    const positions = placeColumns(layers, sizeOf);
    const ys = [...positions.values()].map((p) => p.y);
    const shift = top - Math.min(...ys);
    for (const [id, p] of positions) placed.set(id, { x: p.x, y: p.y + shift });
    top += Math.max(...[...positions].map(([id, p]) => p.y + sizeOf(id).height)) - Math.min(...ys) + COMPONENT_GAP;
  }
  const corner = cornerOf([...graph.nodes.values()].map((node) => node.position));
  for (const [id, p] of placed) placed.set(id, { x: Math.round(p.x + corner.x), y: Math.round(p.y + corner.y) });
  return placed;
}

/** Some of the nodes with the links among them. */
function partOf(graph: GraphView, only: ReadonlySet<string>): GraphView {
  const isInside = ({ from, to }: GraphEdge) => only.has(from.node) && only.has(to.node);
  const edges = new Map([...graph.edges].filter(([, edge]) => isInside(edge)));
  return {
    ...graph,
    nodes: new Map([...graph.nodes].filter(([id]) => only.has(id))),
    edges,
    edgesOf: (id) => new Set([...graph.edgesOf(id)].filter((key) => edges.has(key))),
  };
}

const cornerOf = (points: readonly Point[]): Point =>
  points.length === 0
    ? { x: 0, y: 0 }
    : { x: Math.min(...points.map((p) => p.x)), y: Math.min(...points.map((p) => p.y)) };

/** Connected parts, largest first. */
function components(graph: GraphView): string[][] {
  const seen = new Set<string>();
  const parts: string[][] = [];
  for (const start of graph.nodes.keys()) {
    if (seen.has(start)) continue;
    const part: string[] = [];
    const stack = [start];
    seen.add(start);
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      part.push(id);
      for (const key of graph.edgesOf(id)) {
        const edge = graph.edges.get(key);
        if (!edge) continue;
        for (const next of [edge.from.node, edge.to.node])
          if (!seen.has(next)) {
            seen.add(next);
            stack.push(next);
          }
      }
    }
    parts.push(part);
  }
  return parts.sort((a, b) => b.length - a.length);
}

/** Column = longest path from a source; then sources move right, next to what they feed. */
function assignColumns(graph: GraphView, component: readonly string[], followed: (edge: GraphEdge) => boolean): Layers {
  const { order, before, after } = acyclicOrder(graph, component, followed);
  const column = new Map<string, number>();
  for (const id of order) column.set(id, Math.max(-1, ...before.get(id)!.map((p) => column.get(p) ?? -1)) + 1);
  for (const id of [...order].reverse()) {
    const next = after.get(id)!;
    if (before.get(id)!.length === 0 && next.length > 0)
      column.set(id, Math.max(0, Math.min(...next.map((n) => column.get(n) ?? 0)) - 1));
  }
  const columns: string[][] = order.map(() => []);
  for (const id of order) columns[column.get(id) ?? 0]?.push(id);
  return { columns: columns.filter((ids) => ids.length > 0), before, after };
}

/** Depth-first order in which every link kept points forward. */
function acyclicOrder(graph: GraphView, component: readonly string[], followed: (edge: GraphEdge) => boolean) {
  const before = new Map<string, string[]>(component.map((id) => [id, []]));
  const after = new Map<string, string[]>(component.map((id) => [id, []]));
  const state = new Map<string, "open" | "done">();
  const finished: string[] = [];
  const targets = (id: string) =>
    [...graph.edgesOf(id)].flatMap((key) => {
      const edge = graph.edges.get(key);
      return edge?.from.node === id && followed(edge) ? [edge.to.node] : [];
    });
  const hasInput = (id: string) =>
    [...graph.edgesOf(id)].some((key) => {
      const edge = graph.edges.get(key);
      return edge?.to.node === id && followed(edge);
    });
  const roots = [...component].sort((a, b) => Number(hasInput(a)) - Number(hasInput(b)));
  for (const root of roots) {
    if (state.has(root)) continue;
    state.set(root, "open");
    const stack = [{ id: root, rest: targets(root) }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        state.set(top.id, "done");
        finished.push(top.id);
        stack.pop();
      } else if (state.get(next) !== "open") {
        if (!after.get(top.id)!.includes(next)) {
          after.get(top.id)!.push(next);
          before.get(next)!.push(top.id);
        }
        if (!state.has(next)) {
          state.set(next, "open");
          stack.push({ id: next, rest: targets(next) });
        }
      }
    }
  }
  return { order: finished.reverse(), before, after };
}

/** Sorts each column by the median position of its neighbours, forwards and backwards in turn. */
function reduceCrossings({ columns, before, after }: Layers): void {
  const index = new Map<string, number>();
  const number = (ids: readonly string[]) => {
    for (const [i, id] of ids.entries()) index.set(id, i / Math.max(1, ids.length - 1));
  };
  for (const ids of columns) number(ids);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forward = sweep % 2 === 0;
    const neighbours = forward ? before : after;
    for (const ids of forward ? columns : [...columns].reverse()) {
      const key = new Map(ids.map((id) => [id, median(neighbours.get(id)!, index) ?? index.get(id) ?? 0]));
      ids.sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0));
      number(ids);
    }
  }
}

function median(ids: readonly string[], value: ReadonlyMap<string, number>): number | undefined {
  const sorted = ids.map((id) => value.get(id) ?? 0).sort((a, b) => a - b);
  return sorted.length === 0 ? undefined : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Columns side by side; in each, nodes as near to the mean height of their predecessors as the order allows. */
function placeColumns({ columns, before, after }: Layers, sizeOf: (id: string) => Size): Map<string, Point> {
  const centre = new Map<string, number>();
  const settle = (ids: readonly string[], neighbours: ReadonlyMap<string, readonly string[]>) => {
    const tops = ids.map((id) => {
      const known = neighbours.get(id)!.flatMap((n) => centre.get(n) ?? []);
      const wished = known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : (centre.get(id) ?? 0);
      return wished - sizeOf(id).height / 2;
    });
    for (const [id, top] of separate(ids, tops, sizeOf)) centre.set(id, top + sizeOf(id).height / 2);
  };
  for (const ids of columns) settle(ids, before);
  for (const ids of [...columns].reverse().slice(1)) settle(ids, after);
  for (const ids of columns.slice(1)) settle(ids, before);

  const placed = new Map<string, Point>();
  let x = 0;
  for (const ids of columns) {
    for (const id of ids) placed.set(id, { x, y: (centre.get(id) ?? 0) - sizeOf(id).height / 2 });
    x += Math.max(...ids.map((id) => sizeOf(id).width)) + COLUMN_GAP;
  }
  return placed;
}

/** Pushes wished tops apart, keeping the order, then centres the push: the mean stays where it was wished. */
function separate(ids: readonly string[], wished: readonly number[], sizeOf: (id: string) => Size) {
  const tops: number[] = [];
  let floor = Number.NEGATIVE_INFINITY;
  for (const [i, id] of ids.entries()) {
    const top = Math.max(wished[i]!, floor);
    tops.push(top);
    floor = top + sizeOf(id).height + ROW_GAP;
  }
  const shift = tops.reduce((sum, top, i) => sum + wished[i]! - top, 0) / Math.max(1, tops.length);
  return ids.map((id, i) => [id, tops[i]! + shift] as const);
}
