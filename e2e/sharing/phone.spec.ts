/** Looking at a graph and its run on a phone. */
import { devices } from "@playwright/test";
import { expect, test } from "../fixtures";
import { Fingers } from "../pages/fingers";
import { expectAllInReach } from "../pages/reach";
import { QUICK_STD_2D, withParams } from "../product/graphs";

const { viewport, deviceScaleFactor, isMobile, hasTouch } = devices["iPhone 14"];
test.use({ viewport: { ...viewport, height: 844 }, deviceScaleFactor, isMobile, hasTouch });

test("a shared graph and its run can be read and touched; the editor says what a larger window is for", async ({
  editor,
  api,
  page,
}) => {
  const graph = withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 6 });
  const { id } = await api.saveNew(graph);
  await api.waitForStatus((await api.startSaved(id)).id, "done");

  await editor.open(`/g/${id}`);
  const note = editor.notice("easier in a larger window");
  await expect(note).toBeVisible();
  await expectAllInReach(page, "editor");
  await editor.reload();
  await expect(editor.canvas.root).toBeVisible();
  await expect(note).toHaveCount(0);

  await page.goto(await editor.share());
  const run = page.getByRole("region", { name: "Recorded run" });
  await expect(run.getByRole("button", { name: /^Student at t = / }).first()).toBeEnabled();
  await expectAllInReach(page, "trajectories");

  // A finger moves the view.
  const fingers = new Fingers(page);
  await page.getByTitle("Zoom to 100 %").tap();
  const node = editor.canvas.nodes().first();
  const before = await node.boundingBox();
  const canvas = await editor.canvas.root.boundingBox();
  if (before === null || canvas === null) throw new Error("No node is in view.");
  const at = { x: canvas.x + canvas.width / 2, y: canvas.y + canvas.height / 2 };
  await fingers.drag(at, { x: at.x - 40, y: at.y + 30 });
  await expect.poll(async () => (await node.boundingBox())?.x).toBeCloseTo(before.x - 40, 0);

  // The browser may take a tap right after a swipe for the end of the swipe, as a phone does: one taps again.
  await expect(async () => {
    await run.getByRole("tab", { name: "Curves" }).tap();
    await expect(run.getByRole("heading", { name: "Loss", exact: true })).toBeVisible({ timeout: 2000 });
  }).toPass();
  await expectAllInReach(page, "curves");
  await page.getByRole("button", { name: "Inspector" }).tap();
  await expect(editor.inspector()).toBeVisible();
});
