import { documentSchema, emptyDocument, type GraphEdge } from "@distillery/shared/graph/document";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphRecords } from "../document/records";
import { autoLayout } from "./autoLayout";
import { touches } from "./spatialIndex";

const SIZE = { width: 220, height: 140 };
const edge = (from: string, to: string): GraphEdge => ({
  from: { node: from, socket: "out" },
  to: { node: to, socket: "in" },
});
const graph = (ids: readonly string[], edges: readonly GraphEdge[]) =>
  GraphRecords.from(documentSchema.parse({ ...emptyDocument(), nodes: ids.map((id) => ({ id, type: "a/b" })), edges }));

describe("autoLayout", () => {
  it("puts every node right of what feeds it", () => {
    const edges = [edge("a", "b"), edge("b", "c"), edge("a", "c"), edge("c", "d"), edge("x", "d")];
    const placed = autoLayout(graph(["d", "c", "b", "a", "x"], edges), () => SIZE);
    for (const { from, to } of edges)
      expect(placed.get(from.node)!.x + SIZE.width).toBeLessThan(placed.get(to.node)!.x);
    expect(placed.get("x")!.x, "a source stands next to what it feeds").toBe(placed.get("c")!.x);
  });

  it("lets links that are not followed point back", () => {
    const back = edge("step", "bank");
    const records = graph(["step", "bank"], [back, edge("bank", "step")]);
    const placed = autoLayout(
      records,
      () => SIZE,
      (one) => one !== back && one.from.node !== "step",
    );
    expect(placed.get("bank")!.x).toBeLessThan(placed.get("step")!.x);
  });

  it("never overlaps two nodes, places all of them, and is deterministic", () => {
    const links = fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 15 }),
        links,
        fc.array(fc.nat(200), { minLength: 15 }),
        (n, pairs, extra) => {
          const ids = Array.from({ length: n }, (_, i) => `n${i}`);
          const records = graph(
            ids,
            pairs.filter(([a, b]) => a < n && b < n).map(([a, b]) => edge(`n${a}`, `n${b}`)),
          );
          const sizeOf = (id: string) => ({ width: 220, height: 60 + (extra[Number(id.slice(1))] ?? 0) });
          const placed = autoLayout(records, sizeOf);
          expect([...placed.keys()].sort()).toEqual([...ids].sort());
          expect(autoLayout(records, sizeOf)).toEqual(placed);
          const boxes = [...placed].map(([id, p]) => ({ ...p, ...sizeOf(id) }));
          for (const [i, a] of boxes.entries())
            for (const b of boxes.slice(i + 1)) expect(touches(a, b), JSON.stringify([a, b])).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });
});
