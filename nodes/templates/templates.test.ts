import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { noResources } from "../testing/stage";
import { templates } from ".";

/** As the editor draws a node card. */
const CARD = { width: 220, height: 260 };

const overlap = (
  a: { x: number; y: number; width: number; height: number },
  b: { x: number; y: number; width: number; height: number },
) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const contains = (frame: GraphDocument["frames"][number], node: GraphDocument["nodes"][number]) =>
  node.position.x >= frame.position.x &&
  node.position.y >= frame.position.y &&
  node.position.x + CARD.width <= frame.position.x + frame.size.width &&
  node.position.y + CARD.height <= frame.position.y + frame.size.height;

it("offers the two STD graphs", () => {
  expect(templates.map(({ id }) => id)).toEqual(expect.arrayContaining(["std-2d", "std-style-32"]));
});

describe.each(templates)("$id", ({ document }) => {
  it("is valid without a warning", () => {
    const { issues, plan } = validateDocument(document, library, noResources);
    expect(issues).toEqual([]);
    expect(plan?.samplers.map(({ plan: { nodes } }) => nodes.length - 1)).toEqual([39, 8, 6, 4]);
    expect(plan?.observers).toHaveLength(2);
    expect(plan?.train?.trainers).toHaveLength(1);
  });

  it("lays cards and frames out without overlaps, each card in one frame", () => {
    const cards = document.nodes.map(({ position }) => ({ ...position, ...CARD }));
    cards.forEach((card, i) => {
      for (const other of cards.slice(i + 1)) expect(overlap(card, other)).toBe(false);
    });
    const boxes = document.frames.map(({ position, size }) => ({ ...position, ...size }));
    boxes.forEach((box, i) => {
      for (const other of boxes.slice(i + 1)) expect(overlap(box, other)).toBe(false);
    });
    for (const node of document.nodes) {
      expect(document.frames.filter((frame) => contains(frame, node))).toHaveLength(1);
    }
  });

  it("runs left to right: only the bank's write-back points back", () => {
    const column = (id: string) => document.nodes.find((node) => node.id === id)?.position.x ?? 0;
    const back = document.edges.filter(({ from, to }) => column(from.node) >= column(to.node) && from.node !== to.node);
    expect(back.map(({ to }) => `${to.node}.${to.socket}`)).toEqual(["bank.advanced"]);
  });
});
