import { arenaSpecSchema } from "@distillery/shared/protocol/arena";
import { expect, it } from "vitest";
import { formOf, newForm, specOf } from "./arenaForm";

const methods = ["std-style", "lcm", "tcd", "pcm"].map((template) => ({
  template,
  title: template.toUpperCase(),
  medium: "images" as const,
  description: "",
  updates: 600,
}));
const graph = { id: "abc", name: "Mine", revision: 1, createdAt: 0, updatedAt: 0 };
const form = (change: object) => ({ ...newForm(), ...change });

it("asks for what is written in it, named after its methods", () => {
  const made = specOf(form({ templates: ["lcm", "std-style"], graphs: ["abc"], nfe: "8;4 2", guidance: "" }), methods, [
    graph,
  ]);
  expect(made).toMatchObject({
    spec: {
      name: "STD-STYLE, LCM, Mine",
      methods: [{ template: "std-style" }, { template: "lcm" }, { id: "graph-abc", title: "Mine", graphId: "abc" }],
      budget: { updates: 300 },
      batch: null,
      nfe: [8, 4, 2],
      guidance: [],
    },
  });
  const all = specOf(form({ templates: methods.map(({ template }) => template) }), methods, []);
  expect(all).toMatchObject({ spec: { name: "STD-STYLE, LCM and 2 more" } });
  const beside = specOf(form({ templates: ["lcm"], untrained: true }), methods, []);
  expect(beside).toMatchObject({
    spec: { methods: [{ id: "lcm" }, { id: "untrained", title: "Untrained", template: "lcm", trains: false }] },
  });
});

it("says which field is wrong", () => {
  const wrong = {
    seeds: "",
    budget: "seconds",
    seconds: "x",
    batch: "0",
    nfe: "8, four",
    guidance: "a",
    evaluationSeed: "-1",
  };
  const made = specOf(form(wrong), methods, []);
  expect("problems" in made && Object.keys(made.problems).sort()).toEqual(
    ["batch", "evaluationSeed", "guidance", "nfe", "seconds", "seeds", "templates"].sort(),
  );
});

it("asks for the same arena again", () => {
  const first = specOf(
    form({ templates: ["lcm"], graphs: ["abc"], budget: "seconds", batch: "8", untrained: true }),
    methods,
    [graph],
  );
  if (!("spec" in first)) throw new Error("not a form");
  expect(specOf(formOf(arenaSpecSchema.parse(first.spec)), methods, [graph])).toEqual(first);
});
