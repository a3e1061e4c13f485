import { emptyDocument } from "@distillery/shared/graph/document";
import { NodeLibrary } from "@distillery/shared/graph/node";
import { describe, expect, it } from "vitest";
import { differences } from "../run/graphDiff";
import { type Draft, dropDraft, readDraft, storedDrafts, writeDraft } from "./drafts";
import { freeKey, newTab, recalledTabs, rememberTabs } from "./tabs";

class Memory implements Storage {
  [name: string]: unknown;
  private readonly items = new Map<string, string>();
  constructor(private readonly room = 1e6) {}
  get length(): number {
    return this.items.size;
  }
  clear(): void {
    this.items.clear();
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
  setItem(key: string, value: string): void {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, value);
  }
}

const draft: Draft = { document: emptyDocument("mine"), revision: 3, time: 5 };

describe("drafts", () => {
  it("are kept per graph until dropped", () => {
    const storage = new Memory();
    expect(writeDraft("g1", draft, storage)).toBe(true);
    expect(readDraft("g1", storage)).toEqual(draft);
    expect(readDraft("new", storage)).toBeNull();
    dropDraft("g1", storage);
    expect(readDraft("g1", storage)).toBeNull();
  });
  it("say when there is no room, and survive being damaged", () => {
    const storage = new Memory(10);
    expect(writeDraft("new", draft, storage)).toBe(false);
    const damaged = new Memory();
    damaged.setItem("distillery.draft.new", '{"document": 3}');
    expect(readDraft("new", damaged)).toBeNull();
  });
});

describe("tabs", () => {
  it("are recalled after a reload, the active one too", () => {
    const storage = new Memory();
    const tabs = [newTab("new"), newTab("new-2", { graphId: "g1", name: "Saved one" })];
    rememberTabs(tabs, "new-2", storage);
    expect(recalledTabs([], storage)).toEqual({ tabs, active: 1 });
  });
  it("of a new window are the graphs that were never saved", () => {
    const drafts = new Memory();
    for (const place of ["new-10", "g1", "new", "new-2"]) writeDraft(place, draft, drafts);
    expect(storedDrafts(drafts)).toEqual(["new", "new-2", "new-10"]);
    expect(recalledTabs(storedDrafts(drafts), new Memory()).tabs.map(({ key }) => key)).toEqual([
      "new",
      "new-2",
      "new-10",
    ]);
    const damaged = new Memory();
    damaged.setItem("distillery.tabs", "{}");
    expect(recalledTabs([], damaged).tabs).toEqual([newTab("new")]);
  });
  it("get keys that nothing else has", () => {
    expect(freeKey([])).toBe("new");
    expect(freeKey(["new", "new-3"])).toBe("new-2");
  });
});

describe("differences of two graphs", () => {
  const node = (params: Record<string, number>, x = 0) => ({
    id: "a",
    type: "t/a",
    params,
    position: { x, y: 0 },
    title: "A",
  });
  const library = new NodeLibrary([]);
  it("name parameters, seeds, nodes and wires, not positions", () => {
    const before = { ...emptyDocument(), nodes: [node({ rate: 1, same: 2 })] };
    expect(differences(before, { ...before, nodes: [node({ rate: 1, same: 2 }, 99)] }, library)).toEqual([]);
    const after = {
      ...before,
      seed: 7,
      nodes: [node({ rate: 3, same: 2 }), { ...node({}), id: "b" }],
      edges: [{ from: { node: "a", socket: "x" }, to: { node: "b", socket: "y" } }],
    };
    expect(differences(before, after, library).map(({ what, before: was, after: is }) => [what, was, is])).toEqual([
      ["Seed", "0", "7"],
      ["rate", "1", "3"],
      ["Node", "–", "t/a"],
      ["a.x → b.y", "–", "wired"],
    ]);
  });
});
