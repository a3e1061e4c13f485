import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { ComparePage } from "../pages/runsPages";
import { QUICK_STD_2D, withParams } from "../product/graphs";

test("everything needed to build and run goes without a mouse", async ({ editor, api, page }) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 60 }));
  await editor.canvas.focus();

  // ? lists the keys.
  await editor.press("?");
  const sheet = editor.dialog("Keyboard and mouse");
  await expect(sheet).toContainText("Undo");
  await expect(sheet).toContainText("Ctrl+Enter");
  await editor.press("Escape");
  await expect(sheet).toBeHidden();

  // Add a node by name.
  await editor.canvas.focus();
  await editor.press("Tab");
  await expect(editor.canvas.addMenu()).toBeVisible();
  await page.keyboard.type("image grid");
  await editor.press("Enter");
  await expect(editor.canvas.addMenu()).toBeHidden();
  const types = async () => (await editor.graph()).nodes.map(({ type }) => type);
  expect(await types()).toContain("inspect/image-grid");
  await editor.press("Delete");
  expect(await types()).not.toContain("inspect/image-grid");

  // Walk along the wires; Enter opens the form of the node.
  await editor.canvas.focus();
  await editor.press("ArrowRight");
  const focused = page.locator("article[data-node]:focus");
  await expect(focused).toHaveAttribute("data-node", "data");
  await editor.press("ArrowRight");
  await expect(focused).not.toHaveAttribute("data-node", "data");
  await editor.press("ArrowLeft");
  await editor.press("Enter");
  await expect(editor.inspector().locator(":focus")).toBeVisible();
  await editor.press("Escape");

  await editor.press("Control+Enter");
  await expect(editor.status()).toBeVisible();
  await editor.waitForStatus("Done");
});

/** Presses `key` until `target` has the focus. */
async function reach(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${target}.`);
}

test("a whole round by keys: run, look, change, add and wire, run again, compare, share", async ({
  editor,
  api,
  page,
}) => {
  test.setTimeout(150_000);
  const { canvas, panels } = editor;
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 6 }));
  // With nothing in focus the arrows are the canvas's.
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await editor.press("ArrowRight");
  await expect(canvas.root).toBeFocused();
  await editor.press("Control+Enter");
  await editor.waitForStatus("Done");

  await editor.press("Alt+1");
  await expect(panels.tab("Trajectories")).toBeFocused();
  await panels.cells("Student").first().waitFor();
  await reach(page, panels.cells("Student").first());
  await editor.press("Enter");
  await expect(panels.cellInspector()).toBeVisible();

  await editor.press("Control+k");
  await page.keyboard.type("trainer");
  await editor.press("Enter");
  await expect(canvas.node("trainer")).toBeFocused();
  await editor.press("Enter");
  await expect(editor.inspector().locator(":focus")).toBeVisible();
  await reach(page, editor.param("Steps"));
  await editor.press("Control+a");
  await page.keyboard.type("8");
  await editor.press("Enter", "Escape");
  await expect(canvas.root).toBeFocused();

  await editor.press("Tab");
  await page.keyboard.type("image grid");
  await editor.press("Enter");
  await expect(canvas.addMenu()).toBeHidden();
  const before = await editor.wires();
  await editor.press("c");
  await expect(editor.dialog("Connect Image grid")).toBeVisible();
  await editor.press("Enter");
  expect(await editor.wires()).toHaveLength(before.length + 1);
  await editor.press("Delete", "Control+Enter");
  await expect.poll(() => editor.steps()).toEqual({ step: 8, steps: 8 });
  await editor.waitForStatus("Done");

  await editor.press("Alt+6");
  await expect(panels.tab("Runs")).toBeFocused();
  await expect(panels.runs().nth(1)).toBeVisible();
  await reach(page, panels.runs().first());
  await editor.press("Space", "ArrowDown");
  await expect(panels.runs().nth(1)).toBeFocused();
  await editor.press("Space");
  await reach(page, panels.root.getByRole("button", { name: "Compare", exact: true }), "Shift+Tab");
  await editor.press("Enter");
  const compare = new ComparePage(page);
  await expect(compare.settings()).toContainText("Steps");
  await editor.press("Escape");
  await expect(compare.root).toBeHidden();

  await editor.press("Control+k");
  await page.keyboard.type("share");
  await editor.press("Enter");
  await expect(page.getByLabel("Share link")).toHaveValue(/^http/);
});

test("typing in a field does not trigger commands of the canvas", async ({ editor, page }) => {
  await editor.openPoints();
  const before = (await editor.graph()).nodes.length;
  await editor.canvas.reveal("data");
  await editor.inspector().getByLabel("Title of this node").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.type("fm?");
  await editor.canvas.focus();
  const graph = await editor.graph();
  expect(graph.nodes).toHaveLength(before);
  expect(graph.nodes.find(({ id }) => id === "data")?.title).toBe("fm?");
  await expect(editor.dialog("Keyboard and mouse")).toBeHidden();
});
