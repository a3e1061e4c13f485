/** Test-only: where a document's cards and frames lie. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { subgraphsById } from "@distillery/shared/graph/subgraph";
import { withBorder, withSubgraphs } from "@distillery/shared/graph/subgraphDefinition";
import { expect } from "vitest";
import { library } from "../library";

type Box = { x: number; y: number; width: number; height: number };

const isPicture = ({ type }: { readonly type: string }) => ["trajectory", "image", "state"].includes(type);

/** At most what the editor draws: a header, a row a socket, three parameters, and a picture for those who look at some. */
function cardOf({ type, position }: GraphDocument["nodes"][number], known: Pick<NodeLibrary, "get">): Box {
  const { inputs = {}, outputs = {}, family } = known.get(type) ?? {};
  const rows = Math.max(Object.keys(inputs).length, Object.keys(outputs).length);
  const hasPicture = family === "inspect" && Object.values(inputs).some(isPicture);
  return { ...position, width: 220, height: 114 + 22 * rows + (hasPicture ? 124 : 0) };
}

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const contains = (outer: Box, inner: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Nothing lies on anything else of its kind. */
function expectApart(boxes: readonly Box[]): void {
  boxes.forEach((box, i) => {
    for (const other of boxes.slice(i + 1)) expect(overlap(box, other)).toBe(false);
  });
}

/** Cards and frames do not overlap, inside subgraphs neither, and each card of the document lies in one frame. */
export function expectTidy(document: GraphDocument): void {
  const subgraphs = subgraphsById(document);
  const known = withSubgraphs(library, (id) => subgraphs.get(id));
  const cards = document.nodes.map((node) => cardOf(node, known));
  const boxes = document.frames.map(({ position, size }) => ({ ...position, ...size }));
  expectApart(cards);
  expectApart(boxes);
  expect(new Set(document.frames.map(({ id }) => id)).size).toBe(boxes.length);
  for (const card of cards) expect(boxes.filter((box) => contains(box, card))).toHaveLength(1);
  for (const subgraph of subgraphs.values()) {
    const inside = withBorder(known, subgraph);
    expectApart(subgraph.nodes.map((node) => cardOf(node, inside)));
  }
}
