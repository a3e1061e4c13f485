/** Way points of wires: they lead a wire past what is in its way and mean nothing. */
import type { GraphEdge } from "@distillery/shared/graph/document";
import type { Transaction } from "./transaction";

type Point = NonNullable<GraphEdge["via"]>[number];

/** Puts a point on the `index`th stretch of a wire. */
export function addWayPoint(transaction: Transaction, wire: string, index: number, point: Point): void {
  const via = transaction.graph.edges.get(wire)?.via ?? [];
  transaction.routeWire(wire, [...via.slice(0, index), point, ...via.slice(index)]);
}

export function removeWayPoint(transaction: Transaction, wire: string, index: number): void {
  const via = transaction.graph.edges.get(wire)?.via ?? [];
  transaction.routeWire(
    wire,
    via.filter((_, i) => i !== index),
  );
}
