import { validateDocument } from "@distillery/shared/compile/validate";
import type { GraphDocument } from "@distillery/shared/graph/document";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { bundledModels } from "../models/index";
import { noResources } from "../testing/stage";
import { templates } from ".";

const resources = { ...noResources, model: (id: string) => bundledModels.find((model) => model.id === id) };

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

it.each(["std-2d", "std-style-32"])(
  "%s samples its teacher at every node and its student with 8, 6 and 4 evaluations",
  (id) => {
    const { plan } = validateDocument(templates.find((each) => each.id === id)?.document, library, resources);
    expect(plan?.samplers.map(({ plan: { paths } }) => (paths[0]?.nodes.length ?? 0) - 1)).toEqual([39, 8, 6, 4]);
    expect(plan?.observers).toHaveLength(2);
  },
);

it("offers the two STD graphs", () => {
  expect(templates.map(({ id }) => id)).toEqual(expect.arrayContaining(["std-2d", "std-style-32"]));
});

describe.each(templates)("$id", ({ document }) => {
  it("is valid without a warning", () => {
    const { issues, plan } = validateDocument(document, library, resources);
    expect(issues).toEqual([]);
    expect(plan?.train?.trainers.length).toBeGreaterThan(0);
  });

  it("lays cards and frames out without overlaps, each card in one frame", () => {
    const cards = document.nodes.map(cardOf);
    cards.forEach((card, i) => {
      for (const other of cards.slice(i + 1)) expect(overlap(card, other)).toBe(false);
    });
    const boxes = document.frames.map(({ position, size }) => ({ ...position, ...size }));
    boxes.forEach((box, i) => {
      for (const other of boxes.slice(i + 1)) expect(overlap(box, other)).toBe(false);
    });
    for (const card of cards) expect(boxes.filter((box) => contains(box, card))).toHaveLength(1);
  });

  it("runs left to right: only the bank's write-back points back", () => {
    const column = (id: string) => document.nodes.find((node) => node.id === id)?.position.x ?? 0;
    const back = document.edges.filter(({ from, to }) => column(from.node) >= column(to.node) && from.node !== to.node);
    expect(back.map(({ to }) => `${to.node}.${to.socket}`).filter((wire) => wire !== "bank.advanced")).toEqual([]);
  });
});
