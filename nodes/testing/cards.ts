/** Test-only: where a document's cards and frames lie. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import { expect } from "vitest";
import { library } from "../library";

type Box = { x: number; y: number; width: number; height: number };

const isPicture = ({ type }: { readonly type: string }) => ["trajectory", "image", "state"].includes(type);

/** At most what the editor draws: a header, a row a socket, three parameters, and a picture for those who look at some. */
function cardOf({ type, position }: GraphDocument["nodes"][number]): Box {
  const { inputs = {}, outputs = {}, family } = library.get(type) ?? {};
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

/** Cards and frames do not overlap, and each card lies in one frame. */
export function expectTidy(document: GraphDocument): void {
  const cards = document.nodes.map(cardOf);
  const boxes = document.frames.map(({ position, size }) => ({ ...position, ...size }));
  for (const each of [cards, boxes]) {
    each.forEach((box, i) => {
      for (const other of each.slice(i + 1)) expect(overlap(box, other)).toBe(false);
    });
  }
  for (const card of cards) expect(boxes.filter((box) => contains(box, card))).toHaveLength(1);
}
