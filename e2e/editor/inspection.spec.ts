/** Looking closely: tensors on wires. */
import { expect, test } from "../fixtures";
import { coloursOf } from "../pages/runPanels";
import { LONG_STD_2D, QUICK_STD_2D, withParams } from "../product/graphs";

test("a wire's tensor is seen from all sides, at any step, and against another wire", async ({ editor, api }) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), LONG_STD_2D));
  await editor.canvas.reveal("bank", "solver");
  await editor.tapWire("bank.x", "solver.x");
  const panel = editor.panels.content();
  await panel.getByLabel("Minus").selectOption({ label: "DDIM step along the PF-ODE · x" });
  await editor.run();
  // The step along the path: its end minus its start, both of one step. What has flown by is kept.
  await expect(panel.getByText("greatest", { exact: true })).toBeVisible({ timeout: 45_000 });
  await editor.pause();
  await expect(panel).toContainText("[64, 2]");
  await expect(panel.getByText("relative", { exact: true })).toBeVisible();
  await panel.getByLabel("Minus").selectOption("");
  await editor.panels.stepSlider().press("ArrowLeft");
  await expect(panel.getByRole("button", { name: "Live" })).toHaveAttribute("aria-pressed", "false");

  await panel.getByRole("button", { name: "Heat map" }).click();
  const plane = panel.getByRole("img", { name: /^Heat map/ });
  await expect.poll(() => coloursOf(plane)).toBeGreaterThan(20);
  await plane.press("ArrowRight");
  await expect(panel.getByLabel("Value under the pointer")).toContainText(/value−?\d/);
  await panel.getByLabel("Range").selectOption("1st to 99th percentile");
  await panel.getByRole("button", { name: "Statistics" }).click();
  await expect(panel.getByRole("row", { name: /^all/ })).toContainText(/\d/);
  await panel.getByRole("button", { name: "Values" }).click();
  await expect(panel.getByRole("button", { name: "Copy" })).toBeVisible();
});

test("a profile says which node costs what, and colours the canvas; trajectories are saved as picture, film and numbers", async ({
  editor,
  api,
  page,
}) => {
  await editor.open();
  await editor.openDocument(withParams(await api.template("std-2d"), QUICK_STD_2D));
  await editor.panels.show("Profile");
  await editor.panels.content().getByRole("button", { name: "Profile 20 steps" }).click();
  await editor.waitForStatus("Done", 60_000);
  await editor.panels.show("Profile");
  const nodes = editor.panels.content().getByRole("table", { name: /^Nodes/ });
  await expect(nodes.getByRole("row")).not.toHaveCount(1);
  await expect(nodes).toContainText("DDIM step along the PF-ODE");
  const legend = page.getByRole("complementary", { name: "Colours of the cards" });
  await expect(legend).toBeVisible();
  await editor.panels.content().getByRole("button", { name: "Colours off" }).click();
  await expect(legend).toBeHidden();

  await editor.panels.show("Trajectories");
  await editor.panels.cells("Student").first().waitFor();
  for (const [item, ending, magic] of [
    ["Sheet as PNG", ".png", "\x89PNG"],
    ["Training as WebP film", ".webp", "RIFF"],
    ["Numbers as CSV", ".csv", "path"],
    ["Numbers as NPY", ".npy", "\x93NUM"],
  ] as const) {
    const { name, bytes } = await editor.saveTrajectories(item);
    expect(name.endsWith(ending)).toBe(true);
    expect(Buffer.from(bytes.slice(0, 4)).toString("latin1")).toBe(magic);
  }
});
