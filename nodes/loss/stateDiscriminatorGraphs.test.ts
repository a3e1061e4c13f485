/** Other wirings of the state discriminator than the templates', checked as a person's graph is. */
import { validateDocument } from "@distillery/shared/compile/validate";
import { expect, it } from "vitest";
import { library } from "../library";
import { bundledModels } from "../models/index";
import { templates } from "../templates";
import { type Changes, rewired } from "../testing/rewire";
import { noResources } from "../testing/stage";

const resources = { ...noResources, model: (id: string) => bundledModels.find((model) => model.id === id) };

function issuesOf(template: string, changes: Changes) {
  const document = templates.find(({ id }) => id === template)?.document;
  if (document === undefined) throw new Error(`There is no template "${template}".`);
  return validateDocument(rewired(document, changes), library, resources).issues;
}

/** TDD's second script: raw target times, 250 nodes, u up to 250 timesteps later. */
const tddAdversarial = (turn: string): Changes => ({
  params: { trainer: { turn: "odd" } },
  nodes: {
    "student-u": { type: "time/noise-travel", params: { reach: 250 } },
    "target-u": { type: "time/noise-travel" },
    discriminator: { type: "loss/state-discriminator" },
    heads: { type: "train/trainer", params: { batch: 16, turn } },
  },
  wires: {
    "student-u.x": "student-jump.x",
    "target-u.x": "target-jump.x",
    "target-u.t": "student-u.t",
    "discriminator.fake": "student-u.x",
    "discriminator.real": "target-u.x",
    "discriminator.weights": "teacher.weights",
    "discriminator.condition": "start.condition",
    "heads.loss": "discriminator.discriminatorLoss",
    "heads.weights": "discriminator.weights",
  },
  added: { "trainer.loss": "discriminator.generatorLoss" },
});

it("serves TDD's adversarial variant, where times lie between nodes", () => {
  expect(issuesOf("tdd", tddAdversarial("even"))).toEqual([]);
  expect(issuesOf("tdd", tddAdversarial("every")).map(({ code, node }) => [code, node])).toEqual([
    ["parity-needs-discriminator", "trainer"],
    ["turn-mismatch", "heads"],
  ]);
});

it("looks at the clean samples of SDXL-Lightning's one-step student, noised to one of four times", () => {
  const issues = issuesOf("sdxl-lightning", {
    params: { start: { time: "fixed", eta: 0.98 }, solver: { nodes: 10 }, discriminator: { seesStart: false } },
    nodes: {
      drawn: { type: "time/one-of", params: { weights: [5, 1, 1, 1] } },
      "student-noised": { type: "time/noise-travel" },
      "teacher-noised": { type: "time/noise-travel" },
    },
    wires: {
      "drawn.schedule": "schedule.schedule",
      "student-noised.t": "drawn.t",
      "teacher-noised.t": "drawn.t",
      "student-noised.x": "student-jump.x",
      "teacher-noised.x": "solver.x",
      "discriminator.fake": "student-noised.x",
      "discriminator.real": "teacher-noised.x",
    },
  });
  expect(issues).toEqual([]);
});
