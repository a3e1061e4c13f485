import { library } from "@distillery/nodes/library";
import { emptyDocument, type GraphDocument } from "@distillery/shared/graph/document";
import { expect, test } from "vitest";
import { draftOf, sweepables, valuesOf } from "./sweepForm";

const graph: GraphDocument = {
  ...emptyDocument("test"),
  nodes: [{ id: "trainer", type: "train/trainer", params: { steps: 40 }, position: { x: 0, y: 0 } }],
};
const all = sweepables(graph, library);
const pick = (param: string) => {
  const found = all.find((each) => each.param === param);
  if (!found) throw new Error(`no ${param}`);
  return found;
};
const values = (param: string, change: Partial<ReturnType<typeof draftOf>>) =>
  valuesOf({ ...draftOf(pick(param)), ...change }, pick(param), graph, library);

test("lists, ranges and choices become values; a value twice counts once", () => {
  expect(draftOf(pick("trainer.steps")).text).toBe("40");
  expect(values("trainer.steps", { text: "10, 20 20;30" }).values).toEqual([10, 20, 30]);
  expect(values("trainer.learningRate", { mode: "log", from: "1e-4", to: "1e-2", count: 3 }).values).toEqual([
    1e-4, 1e-3, 1e-2,
  ]);
  expect(values("trainer.steps", { mode: "linear", from: "1", to: "4", count: 3 }).values).toEqual([1, 3, 4]);
  const schedule = pick("trainer.schedule");
  expect(
    values("trainer.schedule", { chosen: schedule.field.options.map((option) => JSON.stringify(option)) }).values,
  ).toEqual(schedule.field.options);
});

test("what is wrong is said before anything runs", () => {
  expect(values("trainer.steps", { text: "ten" }).problem).toBe("Give numbers with commas between them.");
  expect(values("trainer.steps", { text: "" }).problem).toBe("Give at least one value.");
  expect(values("trainer.steps", { text: "10, -3" })).toEqual({ values: [], problem: expect.stringMatching(/^-3: /) });
  expect(values("trainer.steps", { text: "1.5" }).problem).toMatch(/whole number/);
  expect(values("trainer.learningRate", { mode: "log", from: "0", to: "1" }).problem).toMatch(/above zero/);
});
