/** The canvas under fingers. */
import { expect, test } from "../fixtures";
import { Fingers } from "../pages/fingers";
import { unwiredGraph } from "../product/graphs";

test.use({ hasTouch: true });

test.beforeEach(async ({ editor }) => {
  await editor.open();
  await editor.openDocument(unwiredGraph());
});

test("one finger pans, two pinch and pan at once, and the page stays where it is", async ({ editor, page }) => {
  const fingers = new Fingers(page);
  const at = await editor.canvas.spot({ x: 500, y: 450 });
  await fingers.drag(at, { x: at.x + 40, y: at.y - 30 });
  await expect.poll(async () => (await editor.graph()).viewport).toEqual({ x: 100, y: 10, zoom: 1 });

  const middle = await editor.canvas.spot({ x: 0, y: 0 });
  const pair = (gap: number, dx = 0) =>
    [
      { x: middle.x + 200 + dx - gap, y: middle.y + 350 },
      { x: middle.x + 200 + dx + gap, y: middle.y + 350 },
    ] as const;
  await fingers.down(...pair(50));
  await fingers.move(...pair(75, 30));
  // The finger that stays goes on panning.
  const [first, second] = pair(75, 30);
  await fingers.lift(first);
  await fingers.move({ x: second.x, y: second.y + 20, id: 1 });
  await fingers.lift();
  // What lay between the fingers, (200, 350), lies there still: 30 to the right and, after the pan, 20 lower.
  await expect
    .poll(async () => (await editor.graph()).viewport)
    .toEqual({ x: 100 + 230 - 300, y: 10 + 350 - 525 + 20, zoom: 1.5 });
  expect(await page.evaluate(() => [visualViewport?.scale, scrollX, scrollY])).toEqual([1, 0, 0]);
});

test("a finger selects, drags and connects; a second one and an interruption tear nothing", async ({
  editor,
  page,
}) => {
  const fingers = new Fingers(page);
  const { canvas } = editor;
  const node = await canvas.headOf("data");
  await fingers.tap(node);
  await expect(editor.inspector()).toContainText("data/points-2d");

  const positionOf = async (id: string) => (await editor.graph()).nodes.find((each) => each.id === id)?.position;
  await fingers.down(node);
  await fingers.move({ x: node.x + 40, y: node.y + 20 });
  await fingers.down({ x: node.x + 40, y: node.y + 20 }, { x: node.x + 300, y: node.y + 300 });
  await fingers.move({ x: node.x + 60, y: node.y + 40 }, { x: node.x + 380, y: node.y + 300 });
  await fingers.lift();
  expect(await positionOf("data")).toEqual({ x: 60, y: 40 });

  // Taken away by the system: as if it had not been.
  const moved = await canvas.headOf("data");
  await fingers.down(moved);
  await fingers.move({ x: moved.x + 100, y: moved.y + 100 });
  await fingers.interrupt();
  expect(await positionOf("data")).toEqual({ x: 60, y: 40 });
  await editor.undo();
  expect(await positionOf("data")).toEqual({ x: 0, y: 0 });
});

test("two taps connect, with the refusals and the offers of a dragged wire", async ({ editor, page }) => {
  const fingers = new Fingers(page);
  const { canvas } = editor;
  await fingers.tap(await canvas.socketAt("data.dataset", "output"));
  await fingers.tap(await canvas.socketAt("start.dataset", "input"));
  await expect.poll(() => editor.wires()).toEqual(["data.dataset>start.dataset"]);

  await fingers.tap(await canvas.socketAt("data.dataset", "output"));
  // The view may be moved before the second tap.
  const at = await canvas.spot({ x: 500, y: 450 });
  await fingers.drag(at, { x: at.x - 30, y: at.y });
  await fingers.tap(await canvas.socketAt("start.schedule", "input"));
  await expect(canvas.refusal()).toContainText("takes a schedule");
});

test("a long press opens the menu, a double tap adds a node", async ({ editor, page }) => {
  const fingers = new Fingers(page);
  const { canvas } = editor;
  await fingers.down(await canvas.headOf("data"));
  const menu = page.getByRole("menu");
  await expect(menu).toBeVisible();
  await fingers.lift();
  await expect(menu).toContainText("Duplicate");
  await editor.press("Escape");
  await expect(menu).toBeHidden();

  const empty = await canvas.spot({ x: 500, y: 450 });
  await fingers.tap(empty);
  await fingers.tap(empty);
  await expect(canvas.addMenu()).toBeVisible();
  await page.keyboard.type("image grid");
  await canvas.addMenu().getByRole("option").first().tap();
  await expect.poll(async () => (await editor.graph()).nodes.map(({ type }) => type)).toContain("inspect/image-grid");
});
