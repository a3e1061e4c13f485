/**
 * The editor with real runs: one picture for the README (`pictures/`), more for looking at while designing
 * (`results/pictures/`, both themes, two window sizes, every panel).
 */
import { join } from "node:path";
import { test } from "./fixtures";
import { ROOT } from "./product/installation";

const FOR_README = join(ROOT, "e2e", "pictures");
const FOR_LOOKING = join(ROOT, "e2e", "results", "pictures");

test("the README's picture: a student half-way through its training", async ({ editor, page }) => {
  await page.setViewportSize({ width: 1600, height: 1000 });
  await editor.open();
  await editor.theme("Dark");
  await editor.run();
  await page.getByRole("button", { name: "Fit everything" }).click();
  await page.mouse.move(800, 2);
  // Behind its third evaluation.
  await editor.waitForStep(320, 540_000);
  await editor.panels.cells("Student").first().waitFor();
  await page.screenshot({ path: join(FOR_README, "editor-dark.png"), animations: "disabled" });
});

test("both themes, both sizes, every panel", async ({ editor, page }) => {
  await editor.openPoints();
  await editor.run();
  await editor.waitForStatus("Done", 120_000);
  for (const theme of ["Light", "Dark"] as const) {
    await editor.theme(theme);
    for (const [width, height] of [
      [1440, 900],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      await editor.canvas.focus();
      await editor.press("Escape", "f");
      for (const panel of ["Trajectories", "Curves", "Evaluation", "Runs", "Log"] as const) {
        await editor.panels.show(panel);
        const path = join(FOR_LOOKING, `${theme}-${width}-${panel}.png`.toLowerCase());
        await page.screenshot({ path, animations: "disabled" });
      }
    }
  }
  await editor.canvas.reveal("bank", "solver");
  await editor.tapWire("bank.x", "solver.x");
  await page.screenshot({ path: join(FOR_LOOKING, "wire.png"), animations: "disabled" });
  await editor.canvas.reveal("trainer");
  await editor.panels.show("Trajectories");
  await editor.panels.cells("Student").last().click();
  await page.screenshot({ path: join(FOR_LOOKING, "cell.png"), animations: "disabled" });
});

test("style transfer", async ({ editor, page }) => {
  await editor.open();
  await editor.openTemplate("STD style transfer, 32 px");
  await editor.run();
  await editor.waitForStep(60, 200_000);
  await editor.panels.cells("Student").first().waitFor();
  await page.screenshot({ path: join(FOR_LOOKING, "style.png"), animations: "disabled" });
  await editor.cancel();
});
