import { expect, test } from "../fixtures";
import { unwiredGraph } from "../product/graphs";

test("a wire is led through a point, which Delete takes away before the wire", async ({ editor }) => {
  await editor.open();
  await editor.openDocument(unwiredGraph());
  await editor.canvas.reveal("data", "schedule", "start");
  await editor.canvas.connect("schedule.schedule", "start.schedule");
  await editor.canvas.doubleClickWire("schedule.schedule", "start.schedule");
  expect((await editor.graph()).edges[0]?.via).toHaveLength(1);
  await editor.press("Delete");
  const [wire] = (await editor.graph()).edges;
  expect(wire).toBeDefined();
  expect(wire).not.toHaveProperty("via");
  await editor.press("Delete");
  expect(await editor.wires()).toEqual([]);
});

test("the menu under the right button mutes, a note is written in Markdown, and the history goes back", async ({
  editor,
  page,
}) => {
  await editor.open();
  await editor.openDocument(unwiredGraph());
  await editor.canvas.reveal("data", "schedule", "start");
  await editor.canvas.node("data").click({ button: "right", position: { x: 60, y: 14 } });
  await editor.choose("Mute");
  await expect(editor.canvas.node("data")).toHaveAccessibleName(/muted/);

  await editor.press("n");
  const text = page.getByRole("textbox", { name: "Text of the note, in Markdown" });
  await text.fill("## Why\n\n<img src=x> [paper](https://example.org)");
  await text.press("Control+Enter");
  const note = editor.canvas.root.getByRole("region", { name: "Note" });
  await expect(note.getByRole("heading", { name: "Why" })).toBeVisible();
  await expect(note.getByRole("link", { name: "paper" })).toHaveAttribute("rel", /noopener/);
  await expect(note.locator("img")).toHaveCount(0);

  await editor.canvas.focus();
  await editor.press("Shift+H");
  await expect(editor.history().getByRole("button", { name: "Write note" })).toHaveAttribute("aria-current", "step");
  await editor.history().getByRole("button", { name: "As opened" }).click();
  await expect(note).toBeHidden();
  await expect(editor.canvas.node("data")).not.toHaveAccessibleName(/muted/);
});

test("graphs are open side by side, each with its undo, also after a reload", async ({ editor }) => {
  await editor.open();
  await editor.openDocument(unwiredGraph());
  await editor.canvas.reveal("data", "start");
  await editor.canvas.connect("data.dataset", "start.dataset");
  await editor.openTemplate("STD on 2-D points");
  await editor.tab("Unwired").click();
  await expect(editor.name()).toHaveText("Unwired");
  expect(await editor.wires()).toEqual(["data.dataset>start.dataset"]);
  await editor.undo();
  expect(await editor.wires()).toEqual([]);
  await editor.redo();

  await editor.reload();
  await expect(editor.name()).toHaveText("Unwired");
  expect(await editor.wires()).toEqual(["data.dataset>start.dataset"]);
  await editor.press("Alt+PageDown");
  await expect(editor.name()).toHaveText("STD on 2-D points");

  await editor.closeTab("Unwired");
  await editor.dialog("Unsaved changes").getByRole("button", { name: "Discard" }).click();
  await expect(editor.tab("Unwired")).toBeHidden();
  await expect(editor.name()).toHaveText("STD on 2-D points");
});
