// @vitest-environment happy-dom

import { library } from "@distillery/nodes/library";
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, describe, expect, it } from "vitest";
import { nextTick } from "vue";
import { z } from "zod";
import { testLibrary } from "../document/testLibrary";
import { useDocumentStore } from "./documentStore";
import Inspector from "./Inspector.vue";
import ParamForm from "./ParamForm.vue";
import { formOf, isChanged, numbersIn, paramErrors, shortValue, summaryFields, withValue } from "./paramForm";
import { useSessionStore } from "./sessionStore";

const definition = testLibrary.get("solver/step")!;

describe("the form model", () => {
  it("has one field per parameter, of the right kind", () => {
    expect(formOf(definition).map((field) => [field.path[0], field.kind])).toEqual([
      ["guidance", "number"],
      ["form", "enum"],
      ["steps", "integer"],
      ["label", "text"],
      ["clip", "boolean"],
      ["styles", "multi"],
      ["range", "range"],
      ["optimiser", "object"],
    ]);
  });
  it("takes limits and steps from meta and from the schema", () => {
    const [guidance, , steps] = formOf(definition);
    expect(guidance).toMatchObject({ title: "Guidance", min: 0, max: 10, step: 0.1, defaultValue: 3 });
    expect(steps).toMatchObject({ min: 1 });
    expect(steps?.max).toBeUndefined();
  });
  it("replaces inside nested objects without touching the rest", () => {
    expect(withValue({ optimiser: { rate: 1, decay: 2 } }, ["optimiser", "rate"], 5)).toEqual({ rate: 5, decay: 2 });
    expect(withValue({ a: 1 }, ["a"], 2)).toBe(2);
  });
  it("finds errors by path", () => {
    expect([...paramErrors(definition, { steps: 0, optimiser: { rate: -1 } }).keys()]).toEqual([
      "steps",
      "optimiser.rate",
    ]);
  });
  it("takes lists of numbers as they are typed, and folds away what is seldom needed", () => {
    const params = z.object({
      nfe: z.array(z.number().int()).default([8, 6, 4]),
      flip: z.number().default(0).meta({ advanced: true }),
    });
    const [nfe, flip] = formOf({ params });
    expect([nfe?.kind, nfe?.advanced, flip?.advanced]).toEqual(["numbers", undefined, true]);
    expect(numbersIn("8, 6 4")).toEqual([8, 6, 4]);
    expect(numbersIn("")).toEqual([]);
    expect(numbersIn("8, six")).toBe("8, six");
    expect(shortValue([8, 6, 4], nfe!)).toBe("8, 6, 4");
    expect(summaryFields({ params }).map(({ path: [name] }) => name)).toEqual(["nfe"]);
    expect([isChanged({}, flip!), isChanged({ flip: 0.5 }, flip!)]).toEqual([false, true]);
  });
  it("shortens values", () => {
    const [guidance] = formOf(definition);
    expect(shortValue(0.0001, guidance!)).toBe("1.0e−4");
    expect(shortValue(0.123456, guidance!)).toBe("0.1235");
    expect(shortValue(undefined, guidance!)).toBe("–");
  });
});

describe("Inspector", () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    const documents = useDocumentStore();
    documents.useLibrary(testLibrary);
    documents.load({
      format: "distillery-graph",
      version: 1,
      nodes: [
        { id: "step", type: "solver/step", params: {} },
        { id: "odd", type: "alien/thing", params: { secret: 1 } },
      ],
      edges: [],
    });
  });
  const open = (id: string) => {
    useSessionStore().select([id]);
    return mount(Inspector, { props: { issues: [] }, attachTo: document.body });
  };
  const params = () => useDocumentStore().graph().nodes.get("step")?.params;

  it("shows every parameter with its label and default", () => {
    const view = open("step");
    const labels = view.findAll("label").map((label) => label.text());
    expect(labels).toEqual(["Guidance", "Form", "Steps", "Label", "Clip", "Styles", "Range", "Rate"]);
    expect(view.find<HTMLSelectElement>("select").element.selectedOptions[0]?.textContent).toBe("cfg");
  });

  it("typing is one undo step per field; an invalid value is kept and explained", async () => {
    const view = open("step");
    const documents = useDocumentStore();
    const steps = view.findAll("input.mono")[1]!;
    await steps.setValue("0");
    expect(params()?.steps).toBe(0);
    expect(view.find(".error").text()).toBe("This must be at least 1.");
    await steps.setValue("abc");
    expect(params()?.steps).toBe("abc");
    expect(view.find(".error").text()).toBe("This must be a number.");
    await steps.setValue("12");
    expect(view.find(".error").exists()).toBe(false);
    await steps.trigger("blur");
    documents.undo();
    await nextTick();
    expect(params()).toEqual({});
    expect(documents.undoLabel).toBeNull();
  });

  it("switches, chips and reset change the document", async () => {
    const view = open("step");
    await view.find("[role=switch]").setValue(true);
    expect(params()?.clip).toBe(true);
    await view.findAll(".chip")[1]!.trigger("click");
    expect(params()?.styles).toEqual(["flat", "mono"]);
    await view.find("button[aria-label='Reset to false']").trigger("click");
    expect(params()?.clip).toBe(false);
  });

  it("renames the node, and an empty title goes back to the type's", async () => {
    const view = open("step");
    await view.find(".title-input").setValue("Teacher step");
    expect(useDocumentStore().graph().nodes.get("step")?.title).toBe("Teacher step");
    await view.find(".title-input").setValue("");
    await view.find(".title-input").trigger("blur");
    expect(useDocumentStore().graph().nodes.get("step")).not.toHaveProperty("title");
  });

  it("explains an unknown type and leaves it alone", () => {
    expect(open("odd").text()).toContain("is not known here");
    expect(useDocumentStore().graph().nodes.get("odd")?.params).toEqual({ secret: 1 });
  });

  it("changes nothing in a shared graph", async () => {
    useSessionStore().readOnly = true;
    const view = open("step");
    expect(view.find<HTMLInputElement>("[role=switch]").element.disabled).toBe(true);
  });

  it("folds advanced parameters away, but never an error", async () => {
    const fields = formOf({
      params: z.object({
        eta: z.number().default(0.5),
        flip: z.number().max(1).default(0).meta({ title: "Mirror", advanced: true }),
      }),
    });
    const none = new Map<string, string>();
    const props = { fields, params: {}, errors: none, choicesOf: () => null, disabled: false };
    const view = mount(ParamForm, { props });
    const labels = () => view.findAll("label").map((label) => label.text());
    expect(labels()).toEqual(["Eta"]);
    const fold = view.find("button[aria-expanded]");
    expect(fold.text()).toContain("Advanced");
    await fold.trigger("click");
    expect(labels()).toEqual(["Eta", "Mirror"]);
    await fold.trigger("click");
    await view.setProps({ ...props, params: { flip: 2 }, errors: new Map([["flip", "too much"]]) });
    expect(labels()).toEqual(["Eta", "Mirror"]);
    expect(fold.text()).toContain("1 of 1 changed");
  });

  it("leaves out what means nothing with the other parameters, but never an error", async () => {
    const fields = formOf({
      params: z.object({
        solver: z.enum(["ddim", "tcd"]).default("ddim"),
        gamma: z
          .number()
          .max(1)
          .default(0.3)
          .meta({ title: "Gamma", when: { solver: ["tcd"] } }),
      }),
    });
    const none = new Map<string, string>();
    const props = { fields, params: {}, errors: none, choicesOf: () => null, disabled: false };
    const view = mount(ParamForm, { props });
    const labels = () => view.findAll("label").map((label) => label.text());
    expect(labels()).toEqual(["Solver"]);
    await view.setProps({ ...props, params: { solver: "tcd" } });
    expect(labels()).toEqual(["Solver", "Gamma"]);
    await view.setProps({ ...props, params: { gamma: 2 }, errors: new Map([["gamma", "too much"]]) });
    expect(labels()).toEqual(["Solver", "Gamma"]);
  });
});

describe("the form of a stage of training", () => {
  beforeEach(() => {
    setActivePinia(createPinia());
    const documents = useDocumentStore();
    documents.useLibrary(library);
    documents.load({
      format: "distillery-graph",
      version: 1,
      nodes: [
        { id: "grid", type: "schedule/vp", title: "Grid", params: { nodes: 40 } },
        { id: "trainer", type: "train/trainer", params: {} },
        { id: "stage", type: "train/stage", params: { overrides: { "gone.x": 1 } } },
      ],
      edges: [],
    });
    useSessionStore().select(["stage"]);
  });
  const overrides = () => useDocumentStore().graph().nodes.get("stage")?.params.overrides;

  it("adds a parameter of another node with the value it has, changes it, and takes it away", async () => {
    const view = mount(Inspector, { props: { issues: [] }, attachTo: document.body });
    const list = view.find<HTMLSelectElement>(".overrides > select");
    const offered = list.findAll("optgroup").map((group) => group.attributes("label"));
    expect(offered).toEqual(["Grid", "Trainer"]);
    expect(list.findAll("option").map((option) => option.attributes("value"))).not.toContain("trainer.steps");
    expect(view.text()).toContain("gone.x (not in the graph)");
    await list.setValue("grid.nodes");
    expect(overrides()).toEqual({ "gone.x": 1, "grid.nodes": 40 });
    await view.findAll(".overrides .row")[1]!.find("input").setValue("8");
    expect(overrides()).toEqual({ "gone.x": 1, "grid.nodes": 8 });
    await view.findAll(".overrides .row")[0]!.find("button[aria-label^='As in the graph']").trigger("click");
    expect(overrides()).toEqual({ "grid.nodes": 8 });
    const stage = useDocumentStore().library.get("train/stage")!;
    expect(
      summaryFields(stage).map((field) => shortValue(field.path[0] === "overrides" ? overrides() : 5, field)),
    ).toEqual(["5", "nodes 8"]);
  });
});
