import { expect, test } from "../fixtures";
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
