import { expect, it } from "vitest";
import { type Entry, type EntryKind, findEntries, prepareEntries, splitQuery } from "./entries";

const entry = (kind: EntryKind, title: string, more: Partial<Entry> = {}): Entry => ({
  id: `${kind}:${title}`,
  kind,
  title,
  run: () => {},
  ...more,
});
const all = prepareEntries([
  entry("help", "Guided tour"),
  entry("command", "Undo", { blocked: "Nothing to undo." }),
  entry("command", "Run"),
  entry("node", "Run-time bank"),
  entry("add", "Trajectory bank"),
  entry("template", "STD on 2-D points"),
  entry("graph", "My points"),
  entry("run", "STD on 2-D points"),
]);
const shown = (query: string, recent: string[] = []) =>
  findEntries(all, query, recent).map(({ entry: { title }, heading }) => `${heading}: ${title}`);

it("groups what it finds, the group with the best find first", () => {
  expect(shown("bank")).toEqual(["In this graph: Run-time bank", "Add a node: Trajectory bank"]);
  expect(shown("run")).toEqual(["Commands: Run", "In this graph: Run-time bank"]);
});

it("takes a prefix for a kind; one prefix may stand for two", () => {
  expect(splitQuery("#std")).toEqual({ kinds: new Set(["run"]), text: "std" });
  expect(shown("#")).toEqual(["Runs: STD on 2-D points"]);
  expect(shown("/poi")).toEqual(["Saved graphs: My points", "Templates: STD on 2-D points"]);
  expect(shown("+run")).toEqual([]);
});

it("begins with what was used last, and then with what can be done", () => {
  expect(shown("")).toEqual(["Help: Guided tour", "Commands: Run", "Templates: STD on 2-D points"]);
  expect(shown("", ["run:STD on 2-D points", "gone"])).toEqual([
    "Recent: STD on 2-D points",
    "Commands: Run",
    "Templates: STD on 2-D points",
  ]);
});

it("puts what was used last before its equals, and what cannot be done after them", () => {
  const two = prepareEntries([entry("command", "Panel A"), entry("command", "Panel B"), entry("command", "Panel C")]);
  const titles = findEntries(two, "panel", ["command:Panel C"]).map(({ entry: { title } }) => title);
  expect(titles).toEqual(["Panel C", "Panel A", "Panel B"]);
  expect(shown("undo")).toEqual(["Commands: Undo"]);
});

it("keeps a long group from hiding the others, until its prefix asks for it", () => {
  const many = prepareEntries(Array.from({ length: 40 }, (_, i) => entry("run", `Run ${i}`)));
  expect(findEntries(many, "run", [])).toHaveLength(5);
  expect(findEntries(many, "#run", [])).toHaveLength(40);
});
