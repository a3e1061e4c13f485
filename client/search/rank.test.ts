import { expect, it } from "vitest";
import { prepare, rank } from "./rank";

const ranked = (query: string, ...titles: string[]) =>
  rank(
    prepare(titles, (title) => ({ title })),
    query,
  ).map(({ item }) => item);

it("puts the exact title before a prefix, a word's start, the inside and letters in order", () => {
  const titles = ["Project", "Trajectory", "Jet engine", "The jet", "Jet", "Just edit this"];
  expect(ranked("jet", ...titles)).toEqual(["Jet", "Jet engine", "The jet", "Just edit this"]);
  expect(ranked("ject", ...titles)).toEqual(["Project", "Trajectory"]);
});

it("finds by initials and by letters that stand together, not by letters strewn about", () => {
  expect(ranked("tb", "Trajectory bank", "Time", "Student")).toEqual(["Trajectory bank"]);
  expect(ranked("trajbank", "Trajectory bank", "Trajectory viewer")).toEqual(["Trajectory bank"]);
  expect(ranked("dsc", "DINO state contrast", "Decisive")).toEqual(["DINO state contrast"]);
  expect(ranked("xyz", "Example yields zero")).toEqual([]);
});

it("needs every word, in any order, and likes the whole query best", () => {
  expect(ranked("bank traj", "Trajectory bank", "Bank")).toEqual(["Trajectory bank"]);
  expect(ranked("save a", "Save a copy", "A save of all")).toEqual(["Save a copy", "A save of all"]);
});

it("counts other names less than the title, the first of them most", () => {
  const things = [
    { title: "Jump", also: ["student/jump", "consistency function"] },
    { title: "Student", also: [] },
    { title: "Loss", also: ["loss/distance", "between student and target"] },
  ];
  const names = rank(
    prepare(things, (thing) => thing),
    "student",
  ).map(({ item }) => item.title);
  expect(names).toEqual(["Student", "Jump", "Loss"]);
});

it("keeps the order of what is equally good, and lets a bonus change it", () => {
  expect(ranked("", "b", "a")).toEqual(["b", "a"]);
  const all = prepare(["Run one", "Run two"], (title) => ({ title }));
  expect(rank(all, "run", (title) => (title === "Run two" ? 5 : 0)).map(({ item }) => item)).toEqual([
    "Run two",
    "Run one",
  ]);
});
