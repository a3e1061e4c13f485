/** 1024 px, and what a browser's zoom of 150 and 200 % leaves of a small screen: nothing is cut off. */
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { expectAllInReach } from "../pages/reach";
import { QUICK_STD_2D, withParams } from "../product/graphs";

const SIZES = [
  { width: 1152, height: 720 },
  { width: 1024, height: 700 },
  { width: 960, height: 600 },
  { width: 720, height: 450 },
] as const;

async function everySize(page: Page, view: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await expectAllInReach(page, `${view}, ${size.width} x ${size.height}`);
  }
}

test("every view fits a small window, sides fold by themselves and come back", async ({ editor, api, page }) => {
  test.setTimeout(180_000);
  const graph = withParams(await api.template("std-2d"), { ...QUICK_STD_2D, "trainer.steps": 6 });
  const { id } = await api.saveNew(graph);
  const runs = [await api.startSaved(id), await api.startSaved(id)];
  for (const run of runs) await api.waitForStatus(run.id, "done");

  await editor.open(`/g/${id}`);
  const palette = page.getByRole("navigation", { name: "Node palette" });
  await expect(palette).toBeVisible();
  await everySize(page, "editor");
  await expect(palette).toBeHidden();
  await expect(editor.inspector()).toBeHidden();
  await page.getByRole("button", { name: "Inspector" }).click();
  await expect(editor.inspector()).toBeVisible();
  await page.getByRole("button", { name: "Node palette" }).click();
  await expect(editor.inspector()).toBeHidden();
  await expect(palette).toBeVisible();
  await page.getByRole("button", { name: "Node palette" }).click();

  for (const panel of ["Trajectories", "Curves", "Evaluation", "Runs", "Log"] as const) {
    await editor.panels.show(panel);
    await everySize(page, panel);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(palette).toBeVisible();
  await expect(editor.inspector()).toBeVisible();

  for (const [item, dialog] of [
    ["Settings", "Settings"],
    ["Templates and saved graphs", "Open a graph"],
  ] as const) {
    await editor.menu(item);
    await editor.dialog(dialog).waitFor();
    await everySize(page, dialog);
    await editor.press("Escape");
  }
  for (const path of [`/compare?runs=${runs.map((run) => run.id).join(",")}`, "/arena", "/playground", "/help"]) {
    await page.goto(new URL(path, editor.address).href);
    await page.getByRole("main").first().waitFor();
    await everySize(page, path);
  }
});
