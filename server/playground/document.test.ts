import { library } from "@distillery/nodes/library";
import { templates } from "@distillery/nodes/templates/index";
import { stdGraph } from "@distillery/nodes/testing/stdGraph";
import { validateDocument } from "@distillery/shared/compile/validate";
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { describe, expect, test } from "vitest";
import { GraphReader, networksOf } from "../graph/networks";
import { createResources } from "../resources";
import { offerOf } from "./describe";
import { type StyleSettings, stylistOf, stylizeDocument } from "./document";

const resources = createResources({ datasetFolder: "/nowhere", datasets: [], models: [] });
const template = (id: string): GraphDocument =>
  templates.find((each) => each.id === id)?.document ?? emptyDocument("missing");
const settings: StyleSettings = {
  style: "Fluent 3D",
  content: null,
  eta: 0.6,
  nfe: 3,
  teacherNfe: 7,
  guidance: 1.5,
  guidanceStudent: 0,
  seed: 11,
  hasMask: false,
  paths: ["teacher", "student"],
};

describe("networks of a graph", () => {
  const found = (document: GraphDocument) => networksOf(new GraphReader(document, library));

  test("a student beside a teacher", () => {
    expect(found(template("std-style-32"))).toMatchObject({
      teacher: { node: "teacher" },
      student: { node: "student" },
      trainsTeacher: false,
      teacherSampler: "teacher-path",
      studentSampler: "student-8",
      solver: "solver",
    });
  });

  test("a teacher in training, by the average it exports", () => {
    expect(found(template("train-teacher"))).toMatchObject({
      teacher: { node: "ema" },
      student: null,
      trainsTeacher: true,
      teacherSampler: "path",
    });
  });

  test("a student that began as the teacher is told from it", () => {
    const document = stdGraph({}, { "copy.weights": "teacher.weights", "trainer.weights": "copy.weights" }, [
      ["copy", "student/alias"],
    ]);
    const rewired = {
      ...document,
      edges: document.edges.map((edge) =>
        edge.from.node === "student" ? { ...edge, from: { node: "copy", socket: "weights" } } : edge,
      ),
    };
    expect(found(rewired)).toMatchObject({
      teacher: { node: "teacher" },
      student: { node: "copy" },
      teacherSampler: "teacherPath",
      studentSampler: "studentPath",
    });
  });

  test("nothing where nothing denoises", () => {
    expect(found(emptyDocument())).toBeUndefined();
  });
});

describe("the document that restyles a picture", () => {
  const stylize = (id: string, change: Partial<StyleSettings> = {}) => {
    const stylist = stylistOf(template(id), library);
    if (stylist === undefined) throw new Error("no stylist");
    return stylizeDocument(stylist, { ...settings, ...change });
  };
  const plan = (document: GraphDocument) => {
    const { issues, plan: made } = validateDocument(document, library, resources);
    expect(issues).toEqual([]);
    return made?.samplers.map(({ node, plan: { paths } }) => [node.id, paths[0]?.nodes]);
  };

  test("keeps the networks, drops training and evaluation, and runs", () => {
    const document = stylize("std-style-32");
    expect(document.nodes.map(({ id }) => id)).toEqual([
      "data",
      "schedule",
      "teacher",
      "student",
      "playground:picture",
      "playground:teacher",
      "playground:student",
    ]);
    expect(plan(document)).toEqual([
      ["playground:teacher", [31, 27, 22, 18, 13, 9, 4, 0]],
      ["playground:student", [31, 21, 10, 0]],
    ]);
    expect(document.seed).toBe(11);
  });

  test("has only the paths that are wanted, and what they need", () => {
    const document = stylize("std-style-32", { paths: ["student"] });
    expect(document.nodes.map(({ id }) => id)).not.toContain("teacher");
    expect(plan(document)).toEqual([["playground:student", [31, 21, 10, 0]]]);
  });

  test("hands samplers the picture and the mask", () => {
    const document = stylize("std-style-32", { hasMask: true });
    expect(document.edges.filter(({ to }) => to.socket === "mask" || to.socket === "known")).toHaveLength(4);
    expect(plan(document)).toHaveLength(2);
  });

  test("samples a teacher in training from the sampler's own grid", () => {
    const document = stylize("train-teacher");
    expect(document.nodes.map(({ id }) => id)).toEqual([
      "data",
      "network",
      "ema",
      "grid",
      "playground:picture",
      "playground:teacher",
    ]);
    expect(plan(document)).toHaveLength(1);
  });

  test("samples the student with the run's own solver", () => {
    const base = template("std-style-32");
    const nodes = base.nodes.map((node) =>
      node.id === "student-8" ? { ...node, params: { ...node.params, solver: "tcd", gamma: 0.2 } } : node,
    );
    const stylist = stylistOf({ ...base, nodes }, library);
    const document = stylist && stylizeDocument(stylist, settings);
    expect(document?.nodes.find(({ id }) => id === "playground:student")?.params).toMatchObject({
      solver: "tcd",
      gamma: 0.2,
      nfe: 3,
    });
  });
});

describe("what is on offer", () => {
  const offer = (id: string) => {
    const stylist = stylistOf(template(id), library);
    return stylist && { ...stylist.defaults, offer: offerOf(stylist, library, resources) };
  };

  test("styles and contents of the data set; as much noise as the student was trained from", () => {
    const { offer: found, ...defaults } = offer("std-style-32") ?? {};
    expect(defaults).toEqual({ eta: 0.75, nfe: 4, teacherNfe: 50, guidance: 0.5, guidanceStudent: 0 });
    expect(found).toMatchObject({ styles: ["Twemoji", "Fluent 3D"], size: [32, 32], etaMax: 0.75 });
    expect(found).toHaveProperty("contents.length", 65);
  });

  test("a teacher alone goes up to the schedule's end", () => {
    expect(offer("train-teacher")).toMatchObject({ guidance: 2, offer: { etaMax: 0.98 } });
  });

  test("scales are told in one form, whatever the run's own", () => {
    const base = template("std-style-32");
    const [sampler] = base.nodes.filter(({ id }) => id === "student-8");
    const nodes = base.nodes.map((node) => {
      if (node.id === sampler?.id)
        return { ...node, type: "evaluate/grid", params: { guidance: "imagen", guidanceScales: [4, 8] } };
      const drawn = { guidance: "imagen", guidanceScale: 6, guidanceDraw: "uniform", guidanceScaleTo: 16 };
      if (node.id === "solver") return { ...node, params: drawn };
      return node;
    });
    const rest = { ...base, nodes: nodes.filter(({ id }) => id !== "teacher-path") };
    expect(stylistOf(rest, library)?.defaults).toMatchObject({ guidance: 10, guidanceStudent: 3 });
  });

  test("a student that is told the scale offers the one it is sampled with, in the run's own sampler", () => {
    expect(offer("lcm")).toMatchObject({ guidance: 4, guidanceStudent: 4 });
  });

  test("points are no pictures", () => {
    expect(offer("std-2d")?.offer).toMatch(/has no pictures/);
  });
});
