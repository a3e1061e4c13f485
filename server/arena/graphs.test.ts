import { library } from "@distillery/nodes/library";
import { bundledModels } from "@distillery/nodes/models/index";
import { templates } from "@distillery/nodes/templates/index";
import { MEDIA, METHODS } from "@distillery/nodes/templates/methods";
import { noResources } from "@distillery/nodes/testing/stage";
import { plannedSteps } from "@distillery/shared/compile/duration";
import { validateDocument } from "@distillery/shared/compile/validate";
import { expect, it } from "vitest";
import { evaluationGraph } from "../graph/evaluation";
import { evaluationHalves, startOf, trainingGraph } from "./graphs";
import { methodTemplates } from "./methods";

const resources = { ...noResources, model: (id: string) => bundledModels.find((model) => model.id === id) };
const std = templates.find(({ id }) => id === "std-style")!.document;
const paramsOf = (document: typeof std, id: string) => document.nodes.find((node) => node.id === id)?.params;

it("gives every trainer the budget, and keeps the share of what is counted in steps", () => {
  expect(plannedSteps(std, library)).toBe(600);
  const made = trainingGraph(std, { updates: 300, batch: 8, seed: 5 });
  for (const id of ["trainer", "discriminator-trainer"])
    expect(paramsOf(made, id)).toMatchObject({ steps: 300, batch: 8, warmup: 25, checkpointEvery: 38 });
  expect(made.seed).toBe(5);
  expect(made.nodes.filter(({ type }) => /^(evaluate|inspect|export)\//.test(type))).toEqual([]);
  expect(paramsOf(trainingGraph(std, { updates: 300, batch: null, seed: 5 }), "trainer")?.batch).toBe(16);
});

it("lets a discriminator join in at the same share of a shorter training", () => {
  const lightning = templates.find(({ id }) => id === "sdxl-lightning")!.document;
  expect(paramsOf(lightning, "discriminator")).toMatchObject({ startStep: 50 });
  const made = trainingGraph(lightning, { updates: 120, batch: null, seed: 1 });
  expect(paramsOf(made, "discriminator")).toMatchObject({ startStep: 20, weight: 0.01 });
});

it("makes every method a graph that can be trained", () => {
  for (const { template } of methodTemplates()) {
    const made = trainingGraph(template.graph, { updates: 5, batch: 2, seed: 1 });
    const { issues, plan, stages } = validateDocument(made, library, resources);
    expect(
      issues.filter(({ severity }) => severity === "error"),
      template.id,
    ).toEqual([]);
    expect([stages?.at(-1)?.end, plan?.train?.batch, plan?.samplers.length], template.id).toEqual([5, 2, 0]);
  }
});

it.each(MEDIA)("evaluates every method of %s from the same ones, with the same noise", (medium) => {
  const ids = METHODS.flatMap((each) => (each.medium === medium ? [each.id] : []));
  const methods = templates.filter(({ id }) => ids.includes(id));
  expect(methods).toHaveLength(ids.length);
  const starts = methods.map(({ document }) => {
    const options = {
      nfe: [4],
      guidance: [2],
      teacherNfe: 50,
      batch: 8,
      hasModel: () => true,
      scorers: ["ssim"],
    } as const;
    const { student, teacher } = evaluationHalves(evaluationGraph(document, library, options), 1);
    expect(student.nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(["arena-start", "evaluation-grid"]));
    expect(teacher.nodes.map(({ id }) => id)).not.toContain("evaluation-grid");
    return startOf(student);
  });
  expect(new Set(starts).size).toBe(1);
});
