import { plannedSteps, stretched } from "@distillery/shared/compile/duration";
import { validateDocument } from "@distillery/shared/compile/validate";
import { expect, it } from "vitest";
import { library } from "../library";
import { bundledModels } from "../models/index";
import { noResources } from "../testing/stage";
import { templates } from "./index";

const template = (id: string) => templates.find((each) => each.id === id)!.document;
const stagesOf = (document: unknown) =>
  validateDocument(document, library, { ...noResources, model: (id) => bundledModels.find((each) => each.id === id) })
    .stages ?? [];
const stepsOf = (document: ReturnType<typeof template>) => {
  const nodes = [...document.nodes, ...(document.subgraphs ?? []).flatMap((part) => part.nodes)];
  return nodes.flatMap(({ type, params }) => (type === "train/trainer" ? [params.steps] : []));
};

it.each([
  ["std-2d", 2000],
  ["std-style", 600],
  ["hyper-sd", 600],
])("knows how long %s trains", (id, steps) => {
  expect(plannedSteps(template(id), library)).toBe(steps);
  expect(stagesOf(template(id)).at(-1)?.end).toBe(steps);
});

it("gives every trainer that goes on to the end the new length, in folded parts, too", () => {
  expect(stepsOf(stretched(template("std-2d"), 5000, library))).toEqual([5000]);
  const style = stretched(template("std-style"), 700, library);
  expect(stepsOf(style)).toEqual([700, 700]);
  expect(stagesOf(style).at(-1)?.end).toBe(700);
});

it("leaves a trainer that ends before the others where it ends", () => {
  const short = structuredClone(template("std-style"));
  for (const { nodes } of short.subgraphs ?? [])
    for (const node of nodes) if (node.id === "discriminator-trainer") node.params.steps = 200;
  expect(stepsOf(stretched(short, 700, library)).sort()).toEqual([200, 700]);
});

it("gives the last of several stages what is more", () => {
  const lengths = stagesOf(stretched(template("hyper-sd"), 700, library)).map(({ begin, end }) => end - begin);
  expect(lengths).toEqual([150, 150, 150, 250]);
});
