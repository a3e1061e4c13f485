import { expect, test } from "../fixtures";
import { pictureOf } from "../pages/runPanels";
import { LONG_STD_2D, withParams } from "../product/graphs";

test("a click on a wire shows live what flows through it", async ({ editor, api }) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), LONG_STD_2D));
  await editor.run();
  await editor.waitForStep(10);

  await editor.canvas.reveal("bank", "solver");
  await editor.tapWire("bank.x", "solver.x");
  const panel = editor.panels.content();
  await expect(panel).toContainText("Trajectory bank");
  await expect(panel).toContainText("[64, 2]");
  const picture = panel.locator(".points canvas");
  await expect(picture).toBeVisible();
  const first = await pictureOf(picture);
  await expect.poll(() => pictureOf(picture)).not.toBe(first);
  await expect(panel.getByText("step").first()).toBeVisible();

  await panel.getByRole("button", { name: "Freeze" }).click();
  await expect(panel.getByRole("button", { name: "Follow" })).toBeVisible();

  // A wire without pictures says what it stands for.
  await editor.canvas.reveal("teacher", "solver");
  await editor.tapWire("teacher.weights", "solver.weights");
  await expect(panel).toContainText("weights");
});
