/** Edits of a subgraph's border: its sockets and the inner parameters it shows, on all its instances at once. */
import { type GraphEdge, LIMITS, type Port, type ShownParam } from "@distillery/shared/graph/document";
import type { Socket } from "@distillery/shared/graph/node";
import { INPUTS_TYPE, OUTPUTS_TYPE, subgraphIdOf } from "@distillery/shared/graph/subgraph";
import { NEW_PORT } from "@distillery/shared/graph/subgraphDefinition";
import { say } from "../language";
import { type SubgraphHead, TOP } from "./documentDiff";
import { EditRefused } from "./editRefused";
import type { Transaction } from "./transaction";

const { refused } = say.document;

export type Side = "inputs" | "outputs";

function headOf(t: Transaction): SubgraphHead {
  const head = t.document.records.heads.get(t.sheet);
  if (head === undefined) throw new EditRefused(refused.noBorder);
  return head;
}

function freeName(ports: readonly Port[], wish: string, except?: string): string {
  const isTaken = (name: string) => name !== except && ports.some((port) => port.name === name);
  const base =
    wish
      .trim()
      .replace(/[^A-Za-z0-9_.:-]+/g, "-")
      .slice(0, 100) || "socket";
  let name = base;
  for (let n = 2; isTaken(name); n++) name = `${base}-${n}`;
  return name;
}

/** A wire that was drawn to the border's free place, with the socket that it makes there. */
export function withPort(t: Transaction, edge: GraphEdge): GraphEdge {
  const side = edge.from.socket === NEW_PORT ? "inputs" : edge.to.socket === NEW_PORT ? "outputs" : null;
  if (side === null) return edge;
  const head = headOf(t);
  const far = side === "inputs" ? edge.to : edge.from;
  const sockets = t.library.get(t.graph.nodes.get(far.node)?.type ?? "");
  const socket: Socket | undefined = (side === "inputs" ? sockets?.inputs : sockets?.outputs)?.[far.socket];
  if (socket === undefined) throw new EditRefused(refused.untypedPort);
  if (head[side].length >= LIMITS.ports) throw new EditRefused(refused.tooManyPorts(LIMITS.ports));
  const name = freeName(head[side], far.socket);
  t.document.setHead({ ...head, [side]: [...head[side], { name, type: socket.type }] });
  return side === "inputs"
    ? { ...edge, from: { ...edge.from, socket: name } }
    : { ...edge, to: { ...edge.to, socket: name } };
}

/** Calls a socket otherwise, on the wires inside and on those of every instance, too. */
export function renamePort(t: Transaction, side: Side, name: string, wish: string): void {
  const head = headOf(t);
  const next = freeName(head[side], wish, name);
  if (next === name) return;
  rewire(t, side, name, (socket) => ({ ...socket, socket: next }));
  t.document.setHead({
    ...head,
    [side]: head[side].map((port) => (port.name === name ? { ...port, name: next } : port)),
  });
}

export function removePort(t: Transaction, side: Side, name: string): void {
  const head = headOf(t);
  rewire(t, side, name, () => null);
  t.document.setHead({ ...head, [side]: head[side].filter((port) => port.name !== name) });
}

/** Changes the ends of all wires at a socket of the border, inside and outside; `null` takes a wire away. */
function rewire(
  t: Transaction,
  side: Side,
  name: string,
  change: (end: GraphEdge["from"]) => GraphEdge["from"] | null,
): void {
  const borderType = side === "inputs" ? INPUTS_TYPE : OUTPUTS_TYPE;
  for (const [sheet, { nodes }] of t.document.records.all()) {
    const isInside = sheet === t.sheet;
    // Inside, the inputs' node gives; outside, the instance takes. For outputs it is the other way round.
    const isAtStart = isInside === (side === "inputs");
    const on = t.document.on(sheet);
    const now = on.sheetNow();
    let changes = false;
    const edges = now.edges.flatMap((edge): GraphEdge[] => {
      const end = isAtStart ? edge.from : edge.to;
      const node = nodes.get(end.node);
      const isThere = node && (isInside ? node.type === borderType : subgraphIdOf(node) === t.sheet);
      if (!isThere || end.socket !== name) return [edge];
      changes = true;
      const next = change(end);
      return next === null ? [] : [isAtStart ? { ...edge, from: next } : { ...edge, to: next }];
    });
    if (changes) on.replaceSheet({ ...now, edges });
  }
}

/** Shows an inner parameter outside. */
export function showParam(t: Transaction, shown: ShownParam): void {
  const head = headOf(t);
  if (head.params.some(({ node, param }) => node === shown.node && param === shown.param)) return;
  if (head.params.length >= LIMITS.ports) throw new EditRefused(refused.tooManyParams(LIMITS.ports));
  t.document.setHead({ ...head, params: [...head.params, shown] });
}

export function titleParam(t: Transaction, node: string, param: string, title: string): void {
  const head = headOf(t);
  const params = head.params.map((shown) =>
    shown.node === node && shown.param === param
      ? { node, param, ...(title.trim() && { title: title.trim() }) }
      : shown,
  );
  t.document.setHead({ ...head, params });
}

/** Hides it again; instances give up values of their own and follow the inner one. */
export function hideParam(t: Transaction, node: string, param: string): void {
  dropParams(t, t.sheet, (key) => key === `${node}.${param}`);
}

/** After an inner node has gone: nothing outside may speak of its parameters. */
export const forgetParams = (t: Transaction, node: string): void =>
  dropParams(t, t.sheet, (key) => key.startsWith(`${node}.`));

function dropParams(t: Transaction, subgraph: string, isDropped: (key: string) => boolean): void {
  const { records } = t.document;
  const head = records.heads.get(subgraph);
  if (head === undefined) return;
  t.document.setHead({ ...head, params: head.params.filter(({ node, param }) => !isDropped(`${node}.${param}`)) });
  for (const [sheet, { nodes }] of records.all())
    for (const instance of [...nodes.values()].filter((node) => subgraphIdOf(node) === subgraph)) {
      const kept = Object.entries(instance.params).filter(([key]) => !isDropped(key));
      if (kept.length < Object.keys(instance.params).length)
        t.document.on(sheet).updateNode(instance.id, { params: Object.fromEntries(kept) });
      const inner = `${instance.id}.`;
      if (sheet !== TOP) dropParams(t, sheet, (key) => key.startsWith(inner) && isDropped(key.slice(inner.length)));
    }
}
