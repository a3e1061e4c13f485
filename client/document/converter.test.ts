import { library } from "@distillery/nodes/library";
import { expect, it } from "vitest";
import { converterBetween } from "./converter";

const between = (from: string, to: string) => {
  const found = converterBetween(library, from, to);
  return found && `${found.input} ${found.definition.type} ${found.output}`;
};

it("finds the node that needs least besides", () => {
  expect(between("state", "image")).toBe("x solver/ddim predX0");
  expect(between("state", "time")).toBe("x time/target s");
  expect(between("schedule", "time")).toBe("schedule time/one-of t");
  expect(between("dataset", "weights")).toMatch(/^dataset /);
  expect(between("trajectory", "metric")).toMatch(/^\w+ evaluate\//);
});

it("says so when several other wires would be needed, or the input is only a help to others", () => {
  expect(between("image", "state")).toBeNull();
  expect(between("condition", "image")).toBeNull();
  expect(between("stage", "metric")).toBeNull();
  expect(between("metric", "state")).toBeNull();
});
