import { expect, it } from "vitest";
import { inOrder, templateGroups } from "./templateGroups";

const named = (...ids: string[]) => ids.map((id) => ({ id }));
const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id);

it("opens on style transfer, or else on points in the plane", () => {
  expect(inOrder(named("std-2d", "std-inpaint", "std-style"))[0]?.id).toBe("std-style");
  expect(inOrder(named("a-new-one", "std-2d", "train-teacher"))[0]?.id).toBe("std-2d");
});

it("offers STD first, then the other methods, then what trains the parts; unknown ones at the end of their group", () => {
  const groups = templateGroups(
    named("a-new-one", "std-new", "tcd", "std-2d", "lcm", "std-style", "train-judge", "train-teacher"),
  );
  expect(groups.map(({ templates }) => ids(templates))).toEqual([
    ["std-style", "std-2d", "std-new"],
    ["lcm", "tcd", "a-new-one"],
    ["train-teacher", "train-judge"],
  ]);
  expect(templateGroups(named("std-2d"))).toHaveLength(1);
});
