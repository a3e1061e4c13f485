// @vitest-environment happy-dom
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, it } from "vitest";
import { type Command, useCommandStore } from "../editor/commandStore";
import { useKeyStore } from "./keyBindings";

const ran: string[] = [];
const command = (id: string, ...keys: string[]): Command => ({
  id,
  title: id,
  group: "edit",
  keys,
  run: () => void ran.push(id),
});
const all = [
  command("undo", "Mod+Z"),
  command("redo", "Mod+Shift+Z", "Mod+Y"),
  command("pause", "Mod+."),
  command("resume", "Mod+."),
];
const press = (key: string, more: KeyboardEventInit = {}) =>
  useCommandStore().handleKey(new KeyboardEvent("keydown", { key, cancelable: true, ...more }));

beforeEach(() => {
  localStorage.clear();
  setActivePinia(createPinia());
  ran.length = 0;
  useCommandStore().register(all);
});
const [undo, redo, pause] = all as [Command, Command, Command];

it("a changed key works in place of the old one, in the sheet and after a reload", () => {
  useKeyStore().set("undo", "Q");
  expect(press("z", { ctrlKey: true })).toBe(false);
  expect(press("q")).toBe(true);
  expect(ran).toEqual(["undo"]);
  expect(useCommandStore().shortcutOf("undo")).toBe("Q");
  expect(useCommandStore().sheet[0]?.rows[0]?.keys).toEqual(["Q"]);
  setActivePinia(createPinia());
  useCommandStore().register(all);
  expect(useCommandStore().shortcutOf("undo")).toBe("Q");
  useKeyStore().reset("undo");
  expect(useCommandStore().shortcutOf("undo")).toBe("Ctrl+Z");
});

it("tells who has a key already, takes it away from them, and knows keys that are shared by design", () => {
  const keys = useKeyStore();
  expect(keys.conflicts(all, undo, "Mod+Y").map(({ id }) => id)).toEqual(["redo"]);
  expect(keys.conflicts(all, pause, "Mod+.")).toEqual([]);
  keys.take(redo, "Mod+Y");
  keys.set("undo", "Mod+Y");
  expect(keys.keysOf(redo)).toEqual(["Mod+Shift+Z"]);
  expect(keys.conflicts(all, undo, "Mod+Y")).toEqual([]);
  keys.resetAll();
  expect(keys.keysOf(redo)).toEqual(["Mod+Shift+Z", "Mod+Y"]);
});

it("warns of keys that the browser or the canvas takes, and lets a command have none", () => {
  const keys = useKeyStore();
  expect(keys.obstacle("Mod+T")).toContain("browsers");
  expect(keys.obstacle("C")).toContain("connecting");
  expect(keys.obstacle("Q")).toBe("");
  keys.set("undo", null);
  expect(useCommandStore().shortcutOf("undo")).toBeUndefined();
  expect(press("z", { ctrlKey: true })).toBe(false);
});
