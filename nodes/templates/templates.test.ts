import { validateDocument } from "@distillery/shared/compile/validate";
import { describe, expect, it } from "vitest";
import { library } from "../library";
import { bundledModels } from "../models/index";
import { expectTidy } from "../testing/cards";
import { noResources } from "../testing/stage";
import { templates } from ".";

const resources = { ...noResources, model: (id: string) => bundledModels.find((model) => model.id === id) };

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
    expectTidy(document);
  });

  it("runs left to right: only the bank's write-back points back", () => {
    const column = (id: string) => document.nodes.find((node) => node.id === id)?.position.x ?? 0;
    const back = document.edges.filter(({ from, to }) => column(from.node) >= column(to.node) && from.node !== to.node);
    expect(back.map(({ to }) => `${to.node}.${to.socket}`).filter((wire) => wire !== "bank.advanced")).toEqual([]);
  });
});
