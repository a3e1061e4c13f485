import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { library } from "@distillery/nodes/library";
import { bundledModels } from "@distillery/nodes/models/index";
import { noResources } from "@distillery/nodes/testing/stage";
import { validateDocument } from "@distillery/shared/compile/validate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { templates } from "../graph/catalog";
import { recipes } from "./recipes";
import { type StudyResult, StudyResults } from "./results";
import { gains, studyTable } from "./table";

const result = (recipe: string, seed: number, similarity: number, secondsPerStep = 0.1): StudyResult => ({
  recipe,
  seed,
  steps: 10,
  runId: "r",
  key: `${recipe} ${seed}`,
  secondsPerStep,
  values: { "styleSimilarity@4": similarity },
});

describe("the recipes", () => {
  const template = templates.find(({ id }) => id === "std-style")?.graph;
  const known = { ...noResources, model: (id: string) => bundledModels.find((model) => model.id === id) };

  it.each(recipes.map((recipe) => [recipe.id, recipe] as const))("%s is a graph without errors", (_, recipe) => {
    if (template === undefined) throw new Error("no template");
    const { issues } = validateDocument(recipe.apply(template), library, known);
    expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

describe("the study's table", () => {
  it("gives every recipe that has results a line, and its speed against the reference", () => {
    const recipes = [
      { id: "slow", title: "Slow" },
      { id: "fast", title: "Fast" },
      { id: "never", title: "Never run" },
    ];
    const results = [result("slow", 1, 0.5, 0.4), result("slow", 2, 0.5, 0.4), result("fast", 1, 0.75)];
    const lines = studyTable(recipes, results, "slow").split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain("| Slow | - / - / 0.500 ± 0.000 |");
    expect(lines[2]).toContain("400 ms (1.0 x)");
    expect(lines[3]).toContain("- / - / 0.750 |");
    expect(lines[3]).toContain("100 ms (4.0 x)");
  });
});

it("gains are differences within each seed", () => {
  const recipes = [
    { id: "lcm", title: "LCM" },
    { id: "std", title: "STD" },
    { id: "worse", title: "Worse" },
  ];
  const results = [
    ...[0.5, 0.7, 0.9].map((value, i) => result("lcm", i + 1, value)),
    // Differences 0.1, 0.2, 0.3: mean 0.2, sd 0.1, 4.303 * 0.1 / sqrt(3) = 0.248.
    ...[0.6, 0.9, 1.2].map((value, i) => result("std", i + 1, value)),
    result("worse", 2, 0.6),
    result("worse", 9, 0.6),
  ];
  expect(gains(recipes, results, "lcm", "styleSimilarity@4").split("\n")).toEqual([
    "- STD: +0.200 ± 0.248",
    "- Worse: -0.100",
  ]);
});

describe("results of a study", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "study-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("are found again by what they computed, in a later process, too", async () => {
    const file = join(folder, "study.json");
    const first = await StudyResults.open(file);
    expect(first.find("a 1")).toBeUndefined();
    await first.add(result("a", 1, 0.5));
    await first.add(result("a", 2, 0.6));
    const later = await StudyResults.open(file);
    expect(later.find("a 2")?.values).toEqual({ "styleSimilarity@4": 0.6 });
    expect(later.all).toHaveLength(2);
  });
});
