import { expect, test } from "vitest";
import { markOf } from "./marks";

const methods = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `m${i}`, trains: true }));
const untrained = { id: "untrained", trains: false };

test("twenty methods are told apart, and teacher and untrained network from all of them", () => {
  const spec = { methods: [...methods(20), untrained] };
  const marks = [...spec.methods.map(({ id }) => id), null].map((id) => JSON.stringify(markOf(spec, id)));
  expect(new Set(marks).size).toBe(22);
  expect(markOf(spec, "untrained").color).toBe("untrained");
});

test("a network that is not trained takes no method's place", () => {
  const [first, second] = methods(2);
  if (!first || !second) throw new Error("two methods");
  expect(markOf({ methods: [first, untrained, second] }, "m1")).toEqual(markOf({ methods: [first, second] }, "m1"));
});
